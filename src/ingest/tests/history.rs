//! Units that move, people who move between them.

use super::*;

/// id, parent, level and whether it stands, per unit of a quarter's tree.
fn shape(fixture: &Fixture, period: &str) -> String {
    let tree = fixture.org().tree(&quarter(period)).expect("a tree");
    let text = |unit: &lodestar_privacy::tree::Unit| {
        let parent = unit.parent.map_or("", |parent| &tree.unit(parent).id);
        format!(
            "{}({}):{parent}{}",
            unit.id,
            unit.label,
            if unit.standing { "" } else { "!" }
        )
    };
    tree.units().iter().map(text).collect::<Vec<_>>().join(" ")
}

#[test]
fn units_are_as_they_stand_at_the_end_of_the_period() {
    let mut fixture = Fixture::new();
    fixture.put(
        "org.csv",
        "org_unit,label,parent,valid_from,valid_to\nAcme,Acme Inc,,,\na,A,Acme,,\nb,B,Acme,,2025-05-31\n\
         x,X,a,,2025-02-15\nx,Ex,b,2025-02-16,2025-05-31\ny,Y,x,,2025-03-01\nz,Z,a,2025-07-01,\n",
    );
    let root = "Acme(Acme Inc):";
    assert_eq!(
        shape(&fixture, "2024-Q4"),
        format!("{root} a(A):Acme b(B):Acme x(X):a y(Y):x")
    );
    assert_eq!(
        shape(&fixture, "2025-Q1"),
        format!("{root} a(A):Acme b(B):Acme x(Ex):b y(Y):x!")
    );
    assert_eq!(
        shape(&fixture, "2025-Q2"),
        format!("{root} a(A):Acme b(B):Acme! x(Ex):b!")
    );
    assert_eq!(
        shape(&fixture, "2025-Q3"),
        format!("{root} a(A):Acme z(Z):a")
    );
    fixture.project.sources.org = None;
    assert_eq!(shape(&fixture, "2025-Q3"), "Acme(Acme):");
}

#[test]
fn head_counts_are_those_of_the_leaves_that_stand() {
    let mut fixture = Fixture::new();
    let of = |fixture: &Fixture, period| {
        let (org, period) = (fixture.org(), quarter(period));
        let tree = org.tree(&period).unwrap();
        org.headcounts(&period, &tree)
    };
    let put = |fixture: &Fixture, rows: &str| {
        let head = "org_unit,label,parent,valid_from,valid_to,headcount\n";
        fixture.put("org.csv", format!("{head}{rows}"));
    };
    // Of an inner unit it is the sum, whatever its own row says; `x` has closed.
    let rows = "Acme,Acme,,,,7\na,A,Acme,,,\nb,B,Acme,,,40\nx,X,a,,2025-02-15,500\n\
                y,Y,a,,2025-01-31,30\ny,Y,a,2025-02-01,,20\nz,Z,a,,,11\n";
    put(&fixture, rows);
    let people = |all: [u32; 6]| Some(all.map(f64::from).to_vec());
    // Acme, a, b, x, y, z.
    assert_eq!(of(&fixture, "2025-Q1"), people([71, 31, 40, 0, 20, 11]));
    put(&fixture, &rows.replace("b,B,Acme,,,40", "b,B,Acme,,,"));
    assert_eq!(of(&fixture, "2025-Q1"), None);
    // What is for plans alone costs no row.
    for said in ["many", "-1", "1e12"] {
        put(&fixture, &rows.replace("40", said));
        assert_eq!(of(&fixture, "2025-Q1"), None);
        let totals = fixture.org().reports().next().unwrap().totals();
        assert_eq!((totals.read, totals.quarantined), (7, 0));
    }
    for (again, expected) in [("40", people([71, 31, 40, 0, 20, 11])), ("41", None)] {
        put(&fixture, &format!("{rows}b,B,Acme,,,{again}\n"));
        assert_eq!(of(&fixture, "2025-Q1"), expected);
        let totals = fixture.org().reports().next().unwrap().totals();
        assert_eq!((totals.accepted, totals.duplicate), (7, 1));
    }
    fixture.project.sources.org = None;
    assert_eq!(of(&fixture, "2025-Q1"), None);
}

#[test]
fn units_that_form_no_tree_are_refused() {
    let fixture = Fixture::new();
    fixture.put("sessions.csv", HEAD);
    let head = "org_unit,label,parent,valid_from,valid_to\n";
    for (rows, expected) in [
        (
            "a,A,nowhere,,\n",
            "row 1 after the header: unit \"a\" has the parent \"nowhere\"",
        ),
        (
            "a,A,Acme,,\na,B,Acme,2025-01-01,\n",
            "unit \"a\" is declared twice",
        ),
        ("a,A,b,,\nb,B,a,,\n", "is its own parent"),
        ("a,A,a,,\n", "is its own parent"),
        (
            "a,A,Acme,2025-01-01,\nb,B,a,,\n",
            "row 2 after the header: unit \"b\" is valid on days",
        ),
        (
            "a,A,Acme,,2025-01-01\nb,B,a,,2025-01-02\n",
            "row 2 after the header: unit \"b\" is valid on days",
        ),
        (
            "a,A,Acme,,2025-01-01\na,A,Acme,2025-01-03,\nb,B,a,,\n",
            "row 3 after the header: unit \"b\" is valid on days",
        ),
        (
            "a,A,Acme,,2024-12-31\na,A,b,2025-01-01,\nb,B,a,,2025-06-30\nb,B,Acme,2025-07-01,\n",
            "is its own parent",
        ),
    ] {
        fixture.put("org.csv", format!("{head}{rows}"));
        let refusal = fixture.refusal();
        assert!(refusal.contains(expected), "{rows}: {refusal}");
    }
    // Seamless history is none of these.
    let rows = "a,A,Acme,,2025-01-01\na,A2,Acme,2025-01-02,\nb,B,a,,\nc,C,b,,\n";
    fixture.put("org.csv", format!("{head}{rows}"));
    fixture.put("people.csv", "person_id,org_unit\nana,c\n");
    assert_eq!(totals(&fixture.read(&[]), "org"), [4, 4, 0, 0]);
}

#[test]
fn a_person_belongs_to_the_unit_at_the_end_of_the_period() {
    let fixture = Fixture::new();
    let held = [
        "2024-05-05",
        "2024-11-11",
        "2025-02-02",
        "2025-05-05",
        "2025-08-08",
    ];
    let row = |day: &str| format!("s{day},ana,c1,{day},60,courage,,,,\n");
    fixture.put("sessions.csv", format!("{HEAD}{}", held.map(row).concat()));
    let unit = |people: &str, period: &str| {
        fixture.put(
            "people.csv",
            format!("person_id,org_unit,valid_from,valid_to\n{people}"),
        );
        let intake = fixture.read(&[period]);
        let tree = fixture.org().tree(&quarter(period)).expect("a tree");
        let member = intake.periods[0]
            .members
            .iter()
            .find(|member| member.coached);
        member.map(|member| tree.unit(member.unit as usize).id.clone())
    };
    let moved = "ana,north,2024-10-01,2025-02-15\nana,south,2025-02-16,2025-04-30\n";
    assert_eq!(unit(moved, "2024-Q2"), None);
    assert_eq!(unit(moved, "2024-Q4").as_deref(), Some("north"));
    assert_eq!(unit(moved, "2025-Q1").as_deref(), Some("south"));
    assert_eq!(unit(moved, "2025-Q2").as_deref(), Some("south"));
    assert_eq!(unit(moved, "2025-Q3"), None);
    // Overlapping rows: valid at the end, then the latest valid_from; order never matters.
    for people in [
        "ana,north,,\nana,south,2025-01-01,2025-12-31\nana,south,2025-01-01,2025-12-31\n",
        "ana,south,2025-01-01,2025-12-31\nana,north,,\n",
    ] {
        assert_eq!(unit(people, "2025-Q1").as_deref(), Some("south"));
        assert_eq!(unit(people, "2024-Q4").as_deref(), Some("north"));
    }
    let tie = ["ana,north,,\n", "ana,south,,\n"];
    assert_eq!(
        unit(&tie.concat(), "2025-Q1"),
        unit(&[tie[1], tie[0]].concat(), "2025-Q1")
    );
}

#[test]
fn without_a_place_in_the_period_there_is_no_person() {
    let mut fixture = Fixture::new();
    // North closes for 2025; South gets a child after ana has left it.
    fixture.put(
        "org.csv",
        "org_unit,label,parent,valid_from,valid_to\nnorth,N,Acme,,2024-12-31\nsouth,S,Acme,,\n\
         deep,D,south,2025-03-01,\n",
    );
    fixture.put(
        "people.csv",
        "person_id,org_unit,valid_from,valid_to\nana,north,,\nbob,south,,2025-02-15\n",
    );
    fixture.put(
        "sessions.csv",
        format!(
            "{HEAD}s1,ana,c1,2024-12-31,60,courage,,,,\ns2,ana,c1,2025-01-01,60,courage,,,,\n\
             s3,bob,c1,2024-12-31,60,courage,,,,\ns4,bob,c1,2025-02-01,60,courage,,,,\n"
        ),
    );
    let intake = fixture.read(&["2024-Q4", "2025-Q1"]);
    let expected = [
        (2, "coachee_id", "no_person"),
        (4, "coachee_id", "no_person"),
    ];
    assert_eq!(faults(&intake, "sessions"), expected);
    assert_eq!(intake.periods[0].members.len(), 2);
    assert_eq!(intake.periods[1].members.len(), 0);
    assert!(
        intake.periods[0]
            .members
            .iter()
            .all(|member| member.coached)
    );
    // Without a people source everyone belongs to the root.
    fixture.project.sources.people = None;
    let intake = fixture.read(&["2025-Q1"]);
    assert_eq!(totals(&intake, "sessions"), [4, 4, 0, 0]);
    assert!(
        intake.periods[0]
            .members
            .iter()
            .all(|member| member.unit == 0)
    );
}
