//! The org chart: a root, divisions, departments, and how many people each has.

use super::rng::Draws;

/// The organisation's name: root of the tree, and its id.
pub(super) const ORGANISATION: &str = "Acme";

/// Fewest people of a division, and of a department, before there is a second.
const DIVISION_PEOPLE: u32 = 150;
const DEPARTMENT_PEOPLE: u32 = 30;

/// A unit below the root.
pub(super) struct Unit {
    pub(super) id: String,
    pub(super) label: String,
}

/// The whole chart.
pub(super) struct Org {
    /// Level 1.
    pub(super) divisions: Vec<Unit>,
    /// Level 2: index of the division, unit, number of people.
    pub(super) departments: Vec<(usize, Unit, u32)>,
}

impl Org {
    /// A chart for so many people: up to 8 divisions of nearly the same size,
    /// with up to 10 departments each, whose sizes differ by up to a factor 2.
    pub(super) fn new(people: u32, draws: &mut Draws) -> Self {
        let count = (people / DIVISION_PEOPLE).clamp(1, NAMES.len() as u32);
        let names = &NAMES[..count as usize];
        let divisions = names.iter().map(|(id, label, _)| Unit {
            id: (*id).to_owned(),
            label: (*label).to_owned(),
        });
        let mut departments = Vec::new();
        let sizes = apportion(people, &weights(names.len(), 97, 103, draws));
        for (division, ((id, _, names), size)) in names.iter().zip(sizes).enumerate() {
            let count = (size / DEPARTMENT_PEOPLE).clamp(1, names.len() as u32);
            let names = &names[..count as usize];
            let sizes = apportion(size, &weights(names.len(), 70, 130, draws));
            for ((slug, label), size) in names.iter().zip(sizes) {
                let unit = Unit {
                    id: format!("{id}-{slug}"),
                    label: (*label).to_owned(),
                };
                departments.push((division, unit, size));
            }
        }
        Self {
            divisions: divisions.collect(),
            departments,
        }
    }

    /// Number of people.
    pub(super) fn people(&self) -> u64 {
        let sizes = self.departments.iter();
        sizes.map(|(_, _, people)| u64::from(*people)).sum()
    }

    /// Number of people of a division.
    pub(super) fn division_people(&self, division: usize) -> u32 {
        let own = self
            .departments
            .iter()
            .filter(|department| department.0 == division);
        own.map(|department| department.2).sum()
    }
}

/// Random weights between two bounds, inclusive.
pub(super) fn weights(count: usize, low: u64, high: u64, draws: &mut Draws) -> Vec<u64> {
    (0..count)
        .map(|_| low + draws.below(high - low + 1))
        .collect()
}

/// Shares out people by weight, each within one person of its due.
pub(super) fn apportion(people: u32, weights: &[u64]) -> Vec<u32> {
    let total: u64 = weights.iter().sum();
    let (mut sum, mut given) = (0, 0);
    let part = |&weight: &u64| {
        sum += weight;
        let due = u64::from(people) * sum / total;
        let part = due - given;
        given = due;
        part as u32
    };
    weights.iter().map(part).collect()
}

/// Id and label of a department within its division.
type Department = (&'static str, &'static str);

/// Divisions with their departments.
const NAMES: [(&str, &str, [Department; 10]); 8] = [
    (
        "ops",
        "Operations",
        [
            ("logistics", "Logistics"),
            ("procurement", "Procurement"),
            ("planning", "Supply planning"),
            ("plant-north", "Plant North"),
            ("plant-south", "Plant South"),
            ("quality", "Quality"),
            ("maintenance", "Maintenance"),
            ("safety", "Health and safety"),
            ("warehousing", "Warehousing"),
            ("improvement", "Process improvement"),
        ],
    ),
    (
        "tech",
        "Technology",
        [
            ("platform", "Platform engineering"),
            ("data", "Data and analytics"),
            ("security", "Information security"),
            ("applications", "Business applications"),
            ("infrastructure", "Infrastructure"),
            ("architecture", "Architecture"),
            ("service-desk", "Service desk"),
            ("delivery", "Project delivery"),
            ("mobile", "Web and mobile"),
            ("testing", "Test and release"),
        ],
    ),
    (
        "sales",
        "Sales",
        [
            ("key-accounts", "Key accounts"),
            ("north", "Region North"),
            ("south", "Region South"),
            ("east", "Region East"),
            ("west", "Region West"),
            ("partners", "Partner sales"),
            ("inside", "Inside sales"),
            ("pricing", "Pricing and offers"),
            ("enablement", "Sales enablement"),
            ("public-sector", "Public sector"),
        ],
    ),
    (
        "service",
        "Customer service",
        [
            ("contact-centre", "Contact centre"),
            ("field", "Field service"),
            ("onboarding", "Customer onboarding"),
            ("success", "Customer success"),
            ("complaints", "Complaints"),
            ("training", "Customer training"),
            ("spare-parts", "Spare parts"),
            ("digital", "Digital service"),
            ("technical", "Technical support"),
            ("knowledge", "Knowledge base"),
        ],
    ),
    (
        "product",
        "Product",
        [
            ("management", "Product management"),
            ("research", "User research"),
            ("design", "Design"),
            ("hardware", "Hardware"),
            ("software", "Software"),
            ("lab", "Innovation lab"),
            ("compliance", "Product compliance"),
            ("documentation", "Documentation"),
            ("prototyping", "Prototyping"),
            ("portfolio", "Portfolio"),
        ],
    ),
    (
        "finance",
        "Finance",
        [
            ("controlling", "Controlling"),
            ("accounting", "Accounting"),
            ("treasury", "Treasury"),
            ("tax", "Tax"),
            ("audit", "Internal audit"),
            ("risk", "Risk"),
            ("legal", "Legal"),
            ("shared-services", "Shared services"),
            ("investor-relations", "Investor relations"),
            ("real-estate", "Real estate"),
        ],
    ),
    (
        "people",
        "People and culture",
        [
            ("partners", "People partners"),
            ("recruiting", "Recruiting"),
            ("learning", "Learning"),
            ("rewards", "Pay and benefits"),
            ("payroll", "Payroll"),
            ("wellbeing", "Health and well-being"),
            ("relations", "Employee relations"),
            ("diversity", "Diversity and inclusion"),
            ("communications", "Internal communications"),
            ("mobility", "Internal mobility"),
        ],
    ),
    (
        "marketing",
        "Marketing",
        [
            ("brand", "Brand"),
            ("campaigns", "Campaigns"),
            ("content", "Content"),
            ("events", "Events"),
            ("insights", "Market insights"),
            ("online", "Online channels"),
            ("press", "Press"),
            ("product", "Product marketing"),
            ("partners", "Partner marketing"),
            ("sponsoring", "Sponsoring"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_scale_with_the_number_of_people() {
        for (people, divisions, departments) in [
            (20, 1, 1),
            (300, 2, 10),
            (12_000, 8, 80),
            (1_000_000, 8, 80),
        ] {
            let org = Org::new(people, &mut Draws::new(5, 0));
            assert_eq!(org.divisions.len(), divisions, "{people}");
            assert!(org.departments.len().abs_diff(departments) <= 2, "{people}");
            let sum: u32 = (0..divisions)
                .map(|division| org.division_people(division))
                .sum();
            assert_eq!(sum, people);
            assert!(org.departments.iter().all(|department| department.2 > 0));
        }
    }

    #[test]
    fn ids_are_unique() {
        let org = Org::new(12_000, &mut Draws::new(5, 0));
        let departments = org.departments.iter().map(|department| &department.1);
        let units = org
            .divisions
            .iter()
            .chain(departments)
            .map(|unit| unit.id.as_str());
        assert_eq!(units.collect::<std::collections::BTreeSet<_>>().len(), 88);
    }
}
