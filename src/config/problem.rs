//! What is wrong with a configuration, and how it is shown.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet};

use crate::text::{COLUMNS, block, count};

/// So many problems are shown. One slip of the hand can make hundreds, and showing each
/// takes time.
const MOST_SHOWN: usize = 50;

/// Everything that is wrong with a configuration, in order of file and place.
/// [`fmt::Display`] shows it plainly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    problems: Vec<Problem>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file it is in.
    pub file: PathBuf,
    /// Line and column, both from 1, the column in characters; `None` where
    /// the file as a whole is at fault.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
    /// What was expected, or what to do.
    pub expected: String,
    /// The file's text, and the bytes in it that are at fault.
    pub(super) text: Arc<str>,
    pub(super) span: Range<usize>,
}

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// One problem of a file as a whole.
    pub(super) fn of_file(file: PathBuf, message: String, expected: &str) -> Self {
        let expected = expected.to_owned();
        let (text, span) = (Arc::from(""), 0..0);
        Self::new(vec![Problem {
            file,
            position: None,
            message,
            expected,
            text,
            span,
        }])
    }

    /// All problems; at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The first [`MOST_SHOWN`] problems as text for people, each with its line underlined,
    /// in lines that fit a terminal, and how many more there are; with ANSI colours if
    /// `colour`.
    pub fn render(&self, colour: bool) -> String {
        let renderer = if colour {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let renderer = renderer.term_width(COLUMNS);
        let problems = self.problems.iter().take(MOST_SHOWN);
        let mut shown: Vec<String> = problems.map(|problem| problem.render(&renderer)).collect();
        let more = self.problems.len() - shown.len();
        if more > 0 {
            let more = count(more as u64, "further problem");
            shown.push(format!("error: {more}, not shown: mend these first"));
        }
        shown.join("\n\n")
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for ConfigErrors {}

impl Problem {
    fn render(&self, renderer: &Renderer) -> String {
        let path = self.file.display().to_string();
        let message = block(&self.message, COLUMNS - "error: ".len());
        let title = Level::ERROR.primary_title(message);
        let Some((line, column)) = self.position else {
            let group = title
                .element(Origin::path(path))
                .element(self.help(" = help: ".len()));
            return renderer.render(&[group]);
        };
        let snippet = Snippet::source(&*self.text).path(path);
        let mark = AnnotationKind::Primary.span(self.span.clone());
        // The number of the line, a bar, and spaces beside it.
        let margin = line.to_string().len() + " | ".len();
        let marked = self.text[self.span.clone()].chars().count().max(1);
        let beside = margin + column + marked + self.expected.chars().count();
        let group: Group<'_> = if beside <= COLUMNS {
            title.element(snippet.annotation(mark.label(&self.expected)))
        } else {
            let help = self.help(margin + "= help: ".len());
            title.element(snippet.annotation(mark)).element(help)
        };
        renderer.render(&[group])
    }

    /// What was expected, below the line: lines of it begin in this column.
    fn help(&self, column: usize) -> Message<'_> {
        // What the configuration says may hold what moves a terminal's cursor.
        let expected = self.expected.replace(char::is_control, " ");
        Level::HELP.message(block(&expected, COLUMNS - column))
    }
}
