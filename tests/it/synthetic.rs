//! What `synth` writes is what its own configuration declares.

use crate::support::Project;

#[test]
fn every_row_of_a_synthetic_organisation_is_accepted() {
    let project = Project::synthetic();
    let report = project.lodestar("check --json").ok().json();
    let sources = report["sources"].as_array().unwrap();
    let names: Vec<_> = sources.iter().map(|source| &source["source"]).collect();
    let expected = [
        "org",
        "programmes",
        "people",
        "sessions",
        "assessments",
        "outcomes",
    ];
    assert_eq!(names, expected);
    for source in sources {
        assert!(source["read"].as_u64().unwrap() > 0, "{source}");
        assert_eq!(source["read"], source["accepted"], "{source}");
    }
}
