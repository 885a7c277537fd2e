//! All ways to split a text against the regular expressions of the patterns.

#![no_main]

#[path = "../../tests/reference/patterns.rs"]
mod reference;

use _kernel::split::level::Level;
use _kernel::split::safe_split::is_safe_split;
use libfuzzer_sys::fuzz_target;
use reference::ends;

fuzz_target!(|input: (u8, u16, String)| {
    let (family, offset, text) = input;
    let family = usize::from(family) % reference::FAMILIES.len();
    let (name, (pattern, regex)) = (reference::REGEXES[family].0, &reference::FAMILIES[family]);
    let Ok(found) = regex.find_iter(&text).collect::<Result<Vec<_>, _>>() else {
        return; // it backtracked too much
    };
    let expected: Vec<usize> = found.iter().map(|found| found.end()).collect();
    for level in Level::all() {
        assert_eq!(
            ends(pattern, &text, level),
            expected,
            "{name} {level:?} {text:?}"
        );
    }
    let at = usize::from(offset) % (text.len() + 1);
    if at > 0 && is_safe_split(text.as_bytes(), at) {
        let after = ends(pattern, &text[at..], Level::best());
        let after = after.into_iter().map(|end| at + end);
        let split: Vec<usize> = ends(pattern, &text[..at], Level::best())
            .into_iter()
            .chain(after)
            .collect();
        assert_eq!(split, expected, "{name} split at {at} of {text:?}");
    }
});
