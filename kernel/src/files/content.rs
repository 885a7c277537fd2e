//! One file: opened without waiting, following nothing, and read into memory that is used again.

use crate::files::head::{Plain, has_escapes};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::Path;
use std::str;

/// A file of up to this many bytes is read at once, and of a larger one its head first: most large
/// files of a tree are not text.
const SMALL: usize = 1 << 15;

/// What a file is, as far as it is known here.
pub enum Content<'a> {
    Text(&'a str),
    /// It starts with these bytes, and is not plainly text.
    Head(&'a [u8]),
    /// It cannot be read, is no regular file, is too large, or no UTF-8 further on.
    Unknown,
}

/// Reads files, one at a time.
#[derive(Default)]
pub struct Contents {
    buffer: Vec<u8>,
}

impl Contents {
    /// What a file is; of one with `limit` bytes or more, and of any error, nothing is known.
    pub fn read(&mut self, path: &Path, plain: &Plain, limit: usize) -> Content<'_> {
        match self.try_read(path, plain, limit) {
            Ok(Some(Known::Head(size))) => Content::Head(plain.head(&self.buffer[..size])),
            Ok(Some(Known::All(size))) => match str::from_utf8(&self.buffer[..size]) {
                Ok(text) if !has_escapes(text.as_bytes()) => Content::Text(text),
                _ => Content::Unknown,
            },
            Ok(None) | Err(_) => Content::Unknown,
        }
    }

    fn try_read(&mut self, path: &Path, plain: &Plain, limit: usize) -> io::Result<Option<Known>> {
        let mut file = open(path)?;
        let status = file.metadata()?;
        let expected = usize::try_from(status.len()).unwrap_or(usize::MAX);
        if !status.is_file() || expected >= limit {
            return Ok(None);
        }
        let mut size = self.fill(&mut file, 0, SMALL.max(plain.size()), expected)?;
        if !plain.is_plain(plain.head(&self.buffer[..size])) {
            return Ok(Some(Known::Head(size)));
        }
        while size != expected {
            // With one byte more than there should be, to see whether the file has grown.
            let wanted = expected.saturating_sub(size).max(SMALL - 1) + 1;
            let n = self.fill(&mut file, size, wanted, expected)?;
            size += n;
            if size >= limit {
                return Ok(None);
            }
            if n == 0 {
                break;
            }
        }
        Ok(Some(Known::All(size)))
    }

    /// Reads so many bytes, or up to the end of the file, or to where that is expected; returns how
    /// many there were.
    fn fill(
        &mut self,
        file: &mut File,
        start: usize,
        wanted: usize,
        expected: usize,
    ) -> io::Result<usize> {
        let end = start + wanted;
        if self.buffer.len() < end {
            self.buffer
                .try_reserve(end - self.buffer.len())
                .map_err(|_| io::ErrorKind::OutOfMemory)?;
            self.buffer.resize(end, 0);
        }
        let mut at = start;
        while at < end {
            match file.read(&mut self.buffer[at..end]) {
                Ok(0) => break,
                Ok(n) => at += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            if at == expected {
                break;
            }
        }
        Ok(at - start)
    }
}

/// How much of a file is in the buffer: its head alone, or all.
enum Known {
    Head(usize),
    All(usize),
}

/// Opens a file that was found in a folder. Should it be a named pipe by now, this does not wait
/// for it, and should it be a link, it is not followed.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_NOCTTY)
        .open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::files::tests::Folder;
    use std::fs;
    use std::os::unix::fs::symlink;

    const LIMIT: usize = 1 << 20;

    fn plain() -> Plain {
        Plain::new([&b"%PDF-"[..]], b"\0", 8192)
    }

    #[test]
    fn texts_of_any_size_are_read_whole_by_the_same_reader() {
        let (folder, mut contents) = (Folder::new(), Contents::default());
        let path = folder.path("a.txt");
        let sizes = [0, 1, SMALL - 1, SMALL, SMALL + 1, 2 * SMALL, LIMIT - 1, 3];
        for (number, size) in (0..).zip(sizes) {
            let text = char::from(b'a' + number).to_string().repeat(size);
            fs::write(&path, &text).unwrap();
            match contents.read(&path, &plain(), LIMIT) {
                Content::Text(found) => assert!(found == text, "{size}"),
                _ => panic!("{size}"),
            }
        }
    }

    #[test]
    fn of_what_starts_like_no_text_the_head_is_returned() {
        let (folder, mut contents) = (Folder::new(), Contents::default());
        let path = folder.path("a.pdf");
        for size in [5, 8192, 8193, 3 * SMALL] {
            let mut bytes = b"%PDF-".repeat(size);
            bytes.truncate(size);
            fs::write(&path, &bytes).unwrap();
            match contents.read(&path, &plain(), LIMIT) {
                Content::Head(head) => assert!(head == &bytes[..size.min(8192)]),
                _ => panic!("{size}"),
            }
        }
    }

    #[test]
    fn nothing_is_known_of_what_is_no_utf8_too_large_or_no_file() {
        let (folder, mut contents) = (Folder::new(), Contents::default());
        let path = folder.path("a.txt");
        let latin = [&vec![b'a'; 3 * SMALL][..], b"\xe9"].concat();
        let escape = [&vec![b'a'; 3 * SMALL][..], b"~{"].concat();
        for bytes in [&latin[..], &escape, &[b'a'; LIMIT]] {
            fs::write(&path, bytes).unwrap();
            let content = contents.read(&path, &plain(), LIMIT);
            assert!(matches!(content, Content::Unknown));
        }
        fs::write(&path, "words").unwrap();
        symlink("a.txt", folder.path("link")).unwrap();
        fs::create_dir(folder.path("folder")).unwrap();
        let pipe = folder.path("pipe");
        let name = std::ffi::CString::new(pipe.as_os_str().as_encoded_bytes()).unwrap();
        // SAFETY: a string that ends with a zero.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        for name in ["link", "folder", "pipe", "gone", "a.txt/below"] {
            let content = contents.read(&folder.path(name), &plain(), LIMIT);
            assert!(matches!(content, Content::Unknown), "{name}");
        }
        let content = contents.read(&path, &plain(), LIMIT);
        assert!(matches!(content, Content::Text("words")));
    }
}
