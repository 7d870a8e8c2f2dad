use std::collections::BTreeSet;

use super::*;
use crate::publish::fixture;

fn release_bytes() -> Vec<u8> {
    let files = fixture::files(|_, _| ());
    files
        .into_iter()
        .find(|(name, _)| name == crate::publish::MANIFEST)
        .expect("listed")
        .1
}

#[test]
fn a_manifest_vouches_for_itself() {
    let bytes = release_bytes();
    let Ok(Manifest::Release(release)) = parse(&bytes) else {
        panic!("a release");
    };
    assert_eq!(release.privacy.k, 10);
    // A text that looks like the field does not confuse it.
    assert!(release.north_star.r#where.contains("self_sha256"));
    let mut changed = bytes.clone();
    let at = changed
        .windows(6)
        .position(|w| w == b"\"k\": 1")
        .expect("k");
    changed[at + 5] = b'2';
    assert_eq!(parse(&changed), Err(ManifestError::Changed));
    assert_eq!(parse(b"{}"), Err(ManifestError::Changed));
}

#[test]
fn unknown_formats_and_fields_are_refused() {
    let mut value: Value = serde_json::from_slice(&release_bytes()).expect("json");
    value["self_sha256"] = Value::String(unsigned());
    let with = |field: &str, new: Value| {
        let mut value = value.clone();
        value[field] = new;
        parse(&to_bytes(&value))
    };
    assert!(matches!(
        with("format_version", 2.into()),
        Err(ManifestError::Unknown)
    ));
    assert!(matches!(
        with("format", "x".into()),
        Err(ManifestError::Unknown)
    ));
    assert!(matches!(
        with("extra", 1.into()),
        Err(ManifestError::Malformed { .. })
    ));
}

#[test]
fn numbers_keep_their_claims_through_text() {
    for x in [
        8.0,
        1e-6,
        0.1 + 0.2,
        2.345_678_901_234_567,
        1.234_567_890_123_456_7e-15,
    ] {
        let claim: Value = serde_json::from_str(&serde_json::json!(x).to_string()).expect("json");
        assert!(
            claim_matches(&claim, &claim_text(&serde_json::json!(x))),
            "{x}"
        );
    }
    assert!(!claim_matches(&serde_json::json!(10), "11"));
    assert!(!claim_matches(&serde_json::json!("a"), "\"a\""));
}

#[test]
fn another_page_changes_nothing_else() {
    let files = fixture::files(|_, _| ());
    let stored = crate::publish::write::Stored {
        id: "2024-Q1",
        files: &files,
    };
    let built = crate::publish::current::build(&[stored]).expect("built");
    let bytes = &built.last().expect("the manifest").1;
    let Ok(Manifest::Current(whole)) = parse(bytes) else {
        panic!("a manifest of current");
    };
    let page = whole.page.clone().expect("a page");
    assert_eq!(with_page(bytes, &page).as_ref(), Some(bytes));
    let mut without = whole.as_ref().clone();
    without.page = None;
    without.self_sha256 = unsigned();
    let without = to_bytes(&without);
    assert_eq!(with_page(&without, &page).as_ref(), Some(bytes));
    let other = v1::Page { bytes: 1, ..page };
    let changed = with_page(bytes, &other).expect("another");
    let Ok(Manifest::Current(changed)) = parse(&changed) else {
        panic!("it vouches for itself");
    };
    assert_eq!(changed.page, Some(other));
    assert_eq!(changed.tables, whole.tables);
    assert_eq!(with_page(b"{}", &whole.page.expect("a page")), None);
}

/// Both manifests follow `docs/manifest.schema.json`, and the schema names no
/// field that they lack.
#[test]
fn manifests_follow_the_published_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/manifest.schema.json");
    let schema: Value =
        serde_json::from_slice(&std::fs::read(path).expect("the schema")).expect("json");
    let release_files = fixture::files(|_, _| ());
    let stored = crate::publish::write::Stored {
        id: "2024-Q1",
        files: &release_files,
    };
    let current_files = crate::publish::current::build(&[stored]).expect("built");
    let current = &current_files.last().expect("the manifest").1;
    let mut used = BTreeSet::new();
    for (bytes, definition) in [(&release_bytes(), "release"), (current, "current")] {
        let value: Value = serde_json::from_slice(bytes).expect("json");
        let definition = schema["$defs"][definition].clone();
        follows(&schema, &definition, &value, "$", &mut used);
    }
    let declared = schema["$defs"].as_object().expect("definitions").keys();
    for name in declared.filter(|name| !["release", "current"].contains(&name.as_str())) {
        assert!(used.contains(name), "no manifest uses {name}");
    }
}

/// The part of JSON Schema that the schema uses.
fn follows(root: &Value, schema: &Value, value: &Value, path: &str, used: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference
            .strip_prefix("#/$defs/")
            .expect("a local reference");
        used.insert(name.to_owned());
        return follows(root, &root["$defs"][name], value, path, used);
    }
    let fits = match schema["type"].as_str().expect(path) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("{path}: {other} is not handled"),
    };
    assert!(fits, "{path}: {value} is no {}", schema["type"]);
    if let Some(expected) = schema.get("const") {
        assert_eq!(expected, value, "{path}");
    }
    if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str()) {
        assert_eq!(
            pattern, "^[0-9a-f]{64}$",
            "{path}: only digests have a pattern"
        );
        assert!(
            text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()),
            "{path}"
        );
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        follows(root, &schema["items"], item, &format!("{path}[{at}]"), used);
    }
    if let Some(object) = value.as_object() {
        assert_eq!(schema["additionalProperties"], Value::Bool(false), "{path}");
        for (name, item) in object {
            let property = schema["properties"].get(name);
            let property = property.unwrap_or_else(|| panic!("{path}.{name} is not in the schema"));
            follows(root, property, item, &format!("{path}.{name}"), used);
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().expect("a name");
            assert!(object.contains_key(name), "{path}.{name} is missing");
        }
        let optional = ["parameters", "superseded"];
        for name in schema["properties"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let listed = object.contains_key(name) || optional.contains(&name.as_str());
            assert!(
                listed,
                "{path}.{name} is in the schema, but not in the manifest"
            );
        }
    }
}
