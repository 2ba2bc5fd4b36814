//! Files, which inputs and outputs hold in Base64.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytesize::ByteSize;
use patchbay::manifest::Operation;
use patchbay::{Error, Field, Kind, Limits, put};
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// How much of a file is read at once, in bytes: a number of whole groups of Base64.
const PART: usize = 48 << 10;
/// How much of its text is decoded at once.
const TEXT: usize = PART / 3 * 4;

/// Puts files into the input of an operation, each where `--file` says.
pub(super) fn fill(
    input: &mut Value,
    files: &[(String, PathBuf)],
    operation: &Operation,
    limits: &Limits,
) -> Result<(), Error> {
    let fields = Field::all(&operation.input_schema);
    for (field, path) in files {
        let wrong = |why: String| Error::usage(format!("--file {field}={}: {why}", path.display()));
        let mut places = fields.iter().filter(|field| field.is_base64());
        let found = places.find_map(|known| Some((known, known.place(field)?)));
        let Some((known, pointer)) = found else {
            return Err(wrong(no_such_field(&fields, &operation.id)));
        };
        if input.pointer(&pointer).is_some() {
            return Err(wrong("the field has a value already; give it once".to_owned()));
        }
        let text = read(path, limit(known, limits)).map_err(wrong)?;
        if !put(input, &pointer, text.into()) {
            return Err(wrong(
                "the input has no such place; it must be a JSON object".to_owned(),
            ));
        }
    }
    Ok(())
}

fn no_such_field(fields: &[Field<'_>], operation: &str) -> String {
    let takes = names(fields);
    if takes.is_empty() {
        format!("the input of {operation} has no field that takes a file")
    } else {
        format!("the input of {operation} takes files in {takes}")
    }
}

/// The fields that hold files, for a message.
fn names(fields: &[Field<'_>]) -> String {
    let mut names: Vec<String> = fields
        .iter()
        .filter(|field| field.is_base64())
        .map(ToString::to_string)
        .collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// How large a file may be, in bytes, and what says so.
fn limit(field: &Field<'_>, limits: &Limits) -> (u64, &'static str) {
    let bytes = |text: u64| text / 4 * 3;
    let memory = bytes(limits.memory as u64);
    match field.schema().get("maxLength").and_then(Value::as_u64).map(bytes) {
        Some(most) if most <= memory => (most, "the operation takes"),
        _ => (memory, "fits into limits.memory of the connection"),
    }
}

/// The content of a file in Base64.
fn read(path: &Path, (most, why): (u64, &str)) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("the file can't be read: {error}");
    let mut file = File::open(path).map_err(unreadable)?.take(most + 1);
    let mut text = String::new();
    let mut part = Vec::with_capacity(PART);
    let mut size = 0;
    loop {
        part.clear();
        (&mut file)
            .take(PART as u64)
            .read_to_end(&mut part)
            .map_err(unreadable)?;
        if part.is_empty() {
            return Ok(text);
        }
        size += part.len() as u64;
        if size > most {
            return Err(format!(
                "the file has more than {} ({most} bytes), which is what {why}",
                ByteSize(most)
            ));
        }
        STANDARD.encode_string(&part, &mut text);
    }
}

/// Where the file in an output goes. It is made before the call, so that what keeps it from being written is known
/// then; it has its name only when it is whole.
pub(super) struct Save {
    /// Where it will be.
    path: PathBuf,
    overwrite: bool,
    /// Where the output holds it.
    pointer: String,
    file: NamedTempFile,
}

impl Save {
    pub(super) fn prepare(path: &Path, overwrite: bool, operation: &Operation) -> Result<Self, Error> {
        let wrong = |why: String| Error::usage(format!("--output {}: {why}", path.display()));
        let unusable = |error: io::Error| wrong(format!("the file can't be written: {error}"));
        if path.as_os_str() == "-" {
            return Err(wrong("standard output has the result; give a file".to_owned()));
        }
        let pointer = pointer(operation).map_err(wrong)?;
        let path = match std::fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
            Err(error) => return Err(unusable(error)),
            Ok(there) if !there.is_file() => return Err(wrong("is there and isn't a file".to_owned())),
            Ok(_) if !overwrite => {
                return Err(wrong(
                    "the file is there already; replace it with --overwrite".to_owned(),
                ));
            }
            // What a link leads to is replaced, and not the link.
            Ok(_) => path.canonicalize().map_err(unusable)?,
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".patchbay-");
        // As any new file, and not as one of secrets.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(unusable)?;
        Ok(Self {
            path,
            overwrite,
            pointer,
            file,
        })
    }

    /// Writes the file that an output holds, and puts its path and size in its place.
    pub(super) fn finish(mut self, output: &mut Value) -> Result<(), Error> {
        let Some(text) = output.pointer(&self.pointer).and_then(Value::as_str) else {
            let message = format!(
                "the answer has no file at {:?}, so nothing was written",
                self.pointer
            );
            return Err(Error::new(Kind::MalformedResponse, message).sent(true));
        };
        let bytes = self.write(text)?;
        let Self {
            path,
            pointer,
            file,
            overwrite,
        } = self;
        let kept = if overwrite {
            file.persist(&path)
        } else {
            file.persist_noclobber(&path)
        };
        kept.map_err(|error| unwritable(&path, &error.error))?;
        let saved = json!({ "path": path.display().to_string(), "bytes": bytes });
        // The field is there.
        put(output, &pointer, saved);
        Ok(())
    }

    /// Writes what a text in Base64 stands for. Returns its size in bytes.
    fn write(&mut self, text: &str) -> Result<u64, Error> {
        let mut size = 0;
        for part in text.as_bytes().chunks(TEXT) {
            let decoded = STANDARD.decode(part).map_err(|_| {
                let message = format!(
                    "the answer at {:?} isn't Base64, so nothing was written",
                    self.pointer
                );
                Error::new(Kind::MalformedResponse, message).sent(true)
            })?;
            size += decoded.len() as u64;
            self.file
                .write_all(&decoded)
                .map_err(|error| unwritable(&self.path, &error))?;
        }
        let synced = self.file.as_file().sync_all();
        synced.map_err(|error| unwritable(&self.path, &error))?;
        Ok(size)
    }
}

/// The file can't be written, after the call.
fn unwritable(path: &Path, error: &io::Error) -> Error {
    let message = format!(
        "--output {}: the operation succeeded, but the file can't be written: {error}",
        path.display()
    );
    Error::usage(message).sent(true)
}

/// Where the output of an operation holds its one file.
fn pointer(operation: &Operation) -> Result<String, String> {
    let fields = Field::all(&operation.output_schema);
    let files = fields.iter().filter(|field| field.is_base64());
    let mut pointers: Vec<String> = files.filter_map(Field::pointer).collect();
    pointers.sort();
    pointers.dedup();
    match pointers.len() {
        1 => Ok(pointers.remove(0)),
        0 => Err(format!("the output of {} holds no file", operation.id)),
        _ => Err(format!(
            "the output of {} holds more than one file: {}; leave out --output, and take them from the result",
            operation.id,
            names(&fields)
        )),
    }
}

#[cfg(test)]
mod tests {
    use patchbay::manifest::Effect;

    use super::*;

    fn operation() -> Operation {
        let file = json!({ "type": "string", "contentEncoding": "base64", "maxLength": 400_000 });
        let input = json!({
            "type": "object",
            "properties": {
                "content": file,
                "name": { "type": "string" },
                "more": { "type": "array", "items": { "properties": { "body": file } } },
            },
        });
        let output = json!({ "properties": { "data": { "properties": { "content": file } } } });
        Operation::new("file.convert", Effect::Write, input, output)
    }

    fn filled(input: Value, files: &[(&str, &Path)]) -> Result<Value, Error> {
        let files: Vec<_> = files
            .iter()
            .map(|(field, path)| ((*field).to_owned(), path.to_path_buf()))
            .collect();
        let mut input = input;
        fill(&mut input, &files, &operation(), &Limits::default())?;
        Ok(input)
    }

    #[test]
    fn files_of_any_size_come_and_go_whole() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, 2, 3, PART - 1, PART, PART + 1, 3 * PART + 2] {
            let content: Vec<u8> = (0..size)
                .map(|index| u8::try_from(index % 251).unwrap())
                .collect();
            let from = folder.path().join("from");
            std::fs::write(&from, &content).unwrap();
            let input = filled(json!({}), &[("content", &from)]).unwrap();
            assert_eq!(input["content"], STANDARD.encode(&content), "{size}");
            let to = folder.path().join("to");
            let save = Save::prepare(&to, true, &operation()).unwrap();
            let mut output = json!({ "data": input });
            save.finish(&mut output).unwrap();
            assert_eq!(std::fs::read(&to).unwrap(), content, "{size}");
            assert_eq!(
                output["data"]["content"],
                json!({ "path": to.to_str().unwrap(), "bytes": size })
            );
        }
        let names = std::fs::read_dir(folder.path()).unwrap();
        assert_eq!(names.count(), 2, "nothing is left beside");
    }

    #[test]
    fn a_field_is_named_with_dots_or_as_a_pointer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "abc").unwrap();
        for field in ["more.0.body", "/more/0/body"] {
            let input = filled(json!({ "more": [{}] }), &[(field, &path)]).unwrap();
            assert_eq!(input, json!({ "more": [{ "body": "YWJj" }] }), "{field}");
        }
    }

    #[test]
    fn what_cannot_be_filled_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "abc").unwrap();
        let large = folder.path().join("large");
        std::fs::write(&large, vec![0; 300_001]).unwrap();
        for (input, field, path, words) in [
            (json!({}), "name", &path, "takes files in content, more[].body"),
            (json!({ "content": "" }), "content", &path, "has a value already"),
            (json!([]), "content", &path, "no such place"),
            (json!({}), "content", &folder.path().join("none"), "can't be read"),
            (
                json!({}),
                "content",
                &large,
                "(300000 bytes), which is what the operation takes",
            ),
        ] {
            let error = filled(input, &[(field, path)]).unwrap_err();
            assert_eq!(error.kind, Kind::Usage);
            assert!(error.message.contains(words), "{words:?} in {error}");
        }
    }

    #[test]
    fn a_file_is_replaced_only_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("to");
        let refused = |path: &Path, words: &str| {
            let error = Save::prepare(path, false, &operation()).err().unwrap();
            assert!(error.message.contains(words), "{words:?} in {error}");
        };
        refused(Path::new("-"), "standard output");
        refused(folder.path(), "isn't a file");
        refused(&folder.path().join("none/to"), "can't be written");
        let save = Save::prepare(&to, false, &operation()).unwrap();
        std::fs::write(&to, "made meanwhile").unwrap();
        let error = save
            .finish(&mut json!({ "data": { "content": "YWJj" } }))
            .unwrap_err();
        assert_eq!(error.request_sent, Some(true), "{error}");
        refused(&to, "--overwrite");
        for output in [
            json!({ "data": null }),
            json!({ "data": { "content": "no base64" } }),
        ] {
            let save = Save::prepare(&to, true, &operation()).unwrap();
            let error = save.finish(&mut output.clone()).unwrap_err();
            assert_eq!(error.kind, Kind::MalformedResponse, "{output}");
        }
        assert_eq!(std::fs::read(&to).unwrap(), b"made meanwhile");
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&to, &link).unwrap();
            let save = Save::prepare(&link, true, &operation()).unwrap();
            save.finish(&mut json!({ "data": { "content": "YWJj" } }))
                .unwrap();
            assert!(link.is_symlink());
            assert_eq!(std::fs::read(&to).unwrap(), b"abc");
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            if cfg!(unix) { 2 } else { 1 }
        );
    }
}
