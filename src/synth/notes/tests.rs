use super::*;

/// 2,000 notes, each of a session with two themes.
fn notes() -> Vec<Note> {
    let codebook = Codebook::built_in();
    let notes = Notes::of(&codebook);
    let mut draws = Draws::new(1, 0);
    let who = Who {
        person: "Søren O'Brien",
        coach: "Tove van der Berg",
        id: "p000123",
    };
    let note = |n: u8| {
        let session = Session {
            day: 0,
            minutes: 60,
            competency: 0,
            themes: vec![n % 48, (n + 1) % 48],
            mentoring: false,
            proactive: true,
        };
        notes.write(&session, who, &mut draws)
    };
    (0..2000_u32).map(|n| (n % 48) as u8).map(note).collect()
}

#[test]
fn every_theme_can_be_written_of_in_both_languages() {
    assert_eq!(Phrases::built_in(&Codebook::built_in()).missing(), None);
}

#[test]
fn what_is_planted_stands_in_the_note() {
    let notes = notes();
    let mut kinds: Vec<&str> = Vec::new();
    for note in &notes {
        // Lines break between words.
        let text = note.text.replace('\n', " ");
        for Planted {
            kind,
            text: planted,
        } in &note.planted
        {
            assert!(text.contains(planted.as_str()), "{planted}: {text}");
            kinds.push(kind);
        }
        assert!(
            note.misspelt
                .iter()
                .all(|theme| note.themes.contains(theme))
        );
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        ["account", "date", "id", "mail", "name", "phone", "url"]
    );
    let german = notes.iter().filter(|note| note.language == "de").count();
    assert!((700..900).contains(&german), "{german}");
}

#[test]
fn what_is_misspelt_has_no_longer_word_as_it_was() {
    assert_eq!(
        misspelt("A new role, at last: budgets."),
        "A new role, at last: bdugets."
    );
    assert_eq!(
        misspelt("Über Übergaben."),
        "Über Überagben.".replace("Überagben", "Üebrgaben")
    );
}
