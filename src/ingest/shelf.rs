//! Where packed rows wait: in memory, and, where there is too little of it, on
//! disk.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::error::IngestError;

/// How much memory packed rows may take, and where the others go.
#[derive(Debug)]
pub(super) struct Room {
    most: usize,
    taken: AtomicUsize,
    /// Private to the project's owner.
    folder: PathBuf,
}

impl Room {
    pub(super) fn new(most: usize, folder: &Path) -> Self {
        Self {
            most,
            taken: AtomicUsize::new(0),
            folder: folder.to_owned(),
        }
    }

    /// A file that nobody else can open, and that is gone with the process.
    fn file(&self) -> io::Result<File> {
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700).create(&self.folder)?;
        let file = tempfile::tempfile_in(&self.folder)?;
        file.set_permissions(Permissions::from_mode(0o600))?;
        Ok(file)
    }

    fn failed(&self, error: io::Error) -> IngestError {
        IngestError::Write {
            path: self.folder.clone(),
            error,
        }
    }
}

/// Chunks, in the order in which they were put.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    /// Those in memory.
    chunks: Vec<Box<[u8]>>,
    /// Those before them.
    spilled: Option<Spilled>,
    /// Rows in all of them.
    rows: usize,
}

#[derive(Debug)]
struct Spilled {
    file: File,
    lengths: Vec<u32>,
}

impl Shelf {
    /// Adds a chunk of so many rows. Where too much is in memory, this shelf's chunks leave it.
    pub(super) fn put(
        &mut self,
        rows: usize,
        chunk: Box<[u8]>,
        room: &Room,
    ) -> Result<(), IngestError> {
        self.rows += rows;
        let taken = room.taken.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
        self.chunks.push(chunk);
        if taken > room.most {
            self.spill(room).map_err(|error| room.failed(error))?;
        }
        Ok(())
    }

    fn spill(&mut self, room: &Room) -> io::Result<()> {
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => none.insert(Spilled {
                file: room.file()?,
                lengths: Vec::new(),
            }),
        };
        for chunk in self.chunks.drain(..) {
            spilled.file.write_all(&chunk)?;
            spilled.lengths.push(chunk.len() as u32);
            room.taken.fetch_sub(chunk.len(), Ordering::Relaxed);
        }
        self.chunks.shrink_to_fit();
        Ok(())
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Hands over every chunk.
    pub(super) fn each(
        &self,
        room: &Room,
        mut chunk: impl FnMut(&[u8]),
    ) -> Result<(), IngestError> {
        if let Some(Spilled { file, lengths }) = &self.spilled {
            let (mut bytes, mut start) = (Vec::new(), 0);
            for length in lengths {
                bytes.resize(*length as usize, 0);
                let read = file.read_exact_at(&mut bytes, start);
                read.map_err(|error| room.failed(error))?;
                start += u64::from(*length);
                chunk(&bytes);
            }
        }
        self.chunks.iter().for_each(|bytes| chunk(bytes));
        Ok(())
    }

    /// Everything is gone, and its room free.
    pub(super) fn clear(&mut self, room: &Room) {
        let taken = self.chunks.iter().map(|chunk| chunk.len()).sum();
        room.taken.fetch_sub(taken, Ordering::Relaxed);
        self.chunks = Vec::new();
        self.spilled = None;
        self.rows = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_spills_is_the_owners_and_has_no_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let room = Room::new(0, &folder.path().join("state"));
        let mut shelf = Shelf::default();
        for chunk in [&b"one"[..], b"two, longer"] {
            shelf
                .put(1, chunk.into(), &room)
                .expect("there is room on disk");
        }
        let spilled = shelf.spilled.as_ref().expect("nothing fits in memory");
        let mode = spilled
            .file
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let names = std::fs::read_dir(folder.path().join("state")).expect("a folder");
        assert_eq!(names.count(), 0);
        let mut back = Vec::new();
        let read = shelf.each(&room, |chunk| back.push(chunk.to_vec()));
        read.expect("what was written");
        assert_eq!(back, [b"one".to_vec(), b"two, longer".to_vec()]);
        assert_eq!(room.taken.load(Ordering::Relaxed), 0);
    }
}
