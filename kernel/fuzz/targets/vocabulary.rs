//! Vocabularies of any tokens, ids and ranks, and files of any bytes: refused, or they count, and what
//! they encode is decoded to the same bytes.

#![no_main]

use _kernel::bpe::vocabulary::Vocabulary;
use _kernel::count::byte_level::Split;
use _kernel::count::tokenizer::Tokenizer;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

#[derive(Arbitrary, Debug)]
struct Input {
    tokens: Vec<(Vec<u8>, u32, u32)>,
    /// Without each single byte no vocabulary is taken.
    has_bytes: bool,
    first: u32,
    lengths: Vec<u8>,
    bytes: Vec<u8>,
    pattern: String,
    nfc: bool,
    text: String,
}

fuzz_target!(|input: Input| {
    let mut tokens = input.tokens.clone();
    if input.has_bytes {
        let known: Vec<u8> = tokens
            .iter()
            .filter_map(|(bytes, ..)| match bytes[..] {
                [byte] => Some(byte),
                _ => None,
            })
            .collect();
        let missing = (0..=255u8).filter(|byte| !known.contains(byte));
        tokens.extend(missing.map(|byte| (vec![byte], byte.into(), byte.into())));
    }
    if let Ok(vocabulary) = Vocabulary::from_tokens(tokens) {
        use_it(vocabulary, &input);
    }
    let mut lengths = input.lengths.clone();
    let mut bytes = input.bytes.clone();
    if input.has_bytes {
        lengths.splice(0..0, [1; 256]);
        bytes.splice(0..0, 0..=255);
        // As many bytes as the lengths want, or one more or less.
        let size: usize = lengths.iter().map(|&length| usize::from(length)).sum();
        bytes.resize(size + input.bytes.len() % 2, b'a');
    }
    let mut file = b"ctxvocab".to_vec();
    for number in [1, input.first, lengths.len() as u32] {
        file.extend(number.to_le_bytes());
    }
    file.extend(lengths);
    file.extend(bytes);
    if let Ok(vocabulary) = Vocabulary::unpack(&file) {
        use_it(vocabulary, &input);
    }
    assert!(Vocabulary::unpack(&file[..file.len() / 2]).is_err());
    _ = Vocabulary::unpack(&input.bytes);
});

fn use_it(vocabulary: Vocabulary, input: &Input) {
    _ = vocabulary.size();
    // A family, since another expression may leave out some of a text.
    let split = Split::new("o200k").expect("a family");
    let tokenizer = Tokenizer::new(vocabulary, split, input.nfc);
    let ids = tokenizer.encode(&input.text).expect("ids");
    let count = tokenizer.count(&input.text).expect("a count");
    assert_eq!(ids.len(), count);
    let mut bytes = Vec::new();
    for id in ids {
        let token = tokenizer.bytes_of_id(id);
        bytes.extend_from_slice(token.expect("a token"));
    }
    assert_eq!(bytes, tokenizer.normalize(&input.text).as_bytes());
    _ = Split::new(&input.pattern);
}
