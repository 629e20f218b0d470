//! Every source file, and which of them belong to something.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use super::source::{ModuleFile, module_files};

/// A Rust file of the repository.
pub(super) struct Source {
    /// Its path from the repository's root.
    pub(super) file: String,
    pub(super) text: String,
    /// Whether a root or a `mod` names it.
    pub(super) is_reached: bool,
    /// Whether it is only there for tests.
    pub(super) is_test: bool,
    /// `crate::engine::job`.
    pub(super) module: String,
}

/// Where a crate begins.
const ROOTS: [&str; 6] = [
    "src/lib.rs",
    "src/main.rs",
    "tests/it/main.rs",
    "tests/live/main.rs",
    "benches/copy/main.rs",
    "benches/console/main.rs",
];

/// What a `mod` says about the file it names.
#[derive(Clone)]
struct Place {
    module: String,
    is_test: bool,
}

pub(super) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut texts = BTreeMap::new();
    for folder in ["src", "tests", "benches"] {
        collect(&root.join(folder), root, &mut texts);
    }
    assert!(texts.contains_key("src/lib.rs"), "the sources are looked for in the wrong place");
    let places = places(&texts);
    let source = |(file, text): (String, String)| {
        let place = places.get(&file);
        Source {
            is_reached: place.is_some(),
            is_test: place.is_some_and(|place| place.is_test),
            module: place.map_or_else(|| "crate".to_owned(), |place| place.module.clone()),
            file,
            text,
        }
    };
    texts.into_iter().map(source).collect()
}

fn collect(folder: &Path, root: &Path, texts: &mut BTreeMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("a folder's entries can be read").path();
        if path.is_dir() {
            collect(&path, root, texts);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).expect("it is below the root").to_string_lossy().into_owned();
            texts.insert(name, fs::read_to_string(&path).expect("sources are UTF-8"));
        }
    }
}

/// Follows every `mod` from the roots.
fn places(texts: &BTreeMap<String, String>) -> BTreeMap<String, Place> {
    let mut places = BTreeMap::new();
    let root = |file: &&str| (file.to_string(), Place { module: "crate".to_owned(), is_test: false });
    let mut open: VecDeque<(String, Place)> = ROOTS.iter().map(root).collect();
    while let Some((file, place)) = open.pop_front() {
        let Some(text) = texts.get(&file) else { continue };
        for module in module_files(text) {
            let below = Place {
                module: format!("{}::{}", place.module, module.name),
                is_test: place.is_test || module.is_test,
            };
            open.extend(candidates(&file, &module).into_iter().map(|file| (file, below.clone())));
        }
        places.insert(file, place);
    }
    places
}

/// Where the file of a `mod` in `file` may be.
fn candidates(file: &str, module: &ModuleFile) -> Vec<String> {
    let path = Path::new(file);
    let folder = path.parent().unwrap_or(Path::new(""));
    if let Some(other) = &module.path {
        return vec![text_of(folder.join(other))];
    }
    let stem = path.file_stem().unwrap_or_default();
    let owns_folder = stem == "mod" || ROOTS.contains(&file);
    let folder = if owns_folder { folder.to_owned() } else { folder.join(stem) };
    vec![text_of(folder.join(format!("{}.rs", module.name))), text_of(folder.join(&module.name).join("mod.rs"))]
}

fn text_of(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
