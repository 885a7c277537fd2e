//! A SentencePiece `.model`: its pieces, and what of its settings counts tell.
//!
//! The format: `sentencepiece_model.proto` of <https://github.com/google/sentencepiece>. Of a field that
//! is there twice the last one counts, as for any reader of protocol buffers.

use crate::load::protobuf::{Field, Malformed, fields};

/// What a piece of a model is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece<'a> {
    pub text: &'a str,
    pub score: f32,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelType {
    Unigram,
    Bpe,
    Other,
}

/// A model; its pieces are in the order of their ids.
pub struct SentencePieceModel<'a> {
    pub pieces: Vec<Piece<'a>>,
    pub model_type: ModelType,
    pub byte_fallback: bool,
    pub treat_whitespace_as_suffix: bool,
    /// Empty if characters are left as they are.
    pub precompiled_charsmap: &'a [u8],
    pub add_dummy_prefix: bool,
    pub remove_extra_whitespaces: bool,
    pub escape_whitespaces: bool,
    /// The pieces that start and end a text.
    pub bos_piece: &'a str,
    pub eos_piece: &'a str,
}

impl<'a> SentencePieceModel<'a> {
    pub fn read(data: &'a [u8]) -> Result<Self, Malformed> {
        let mut model = SentencePieceModel {
            pieces: Vec::new(),
            model_type: ModelType::Unigram,
            byte_fallback: false,
            treat_whitespace_as_suffix: false,
            precompiled_charsmap: &[],
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
            bos_piece: "<s>",
            eos_piece: "</s>",
        };
        for field in fields(data) {
            match field? {
                (1, Field::Bytes(piece)) => {
                    let piece = Piece::read(piece)?;
                    model.pieces.try_reserve(1).map_err(|_| Malformed)?;
                    model.pieces.push(piece);
                }
                (2, Field::Bytes(trainer)) => model.read_trainer(trainer)?,
                (3, Field::Bytes(normalizer)) => model.read_normalizer(normalizer)?,
                (1..=3, _) => return Err(Malformed),
                _ => {}
            }
        }
        Ok(model)
    }

    fn read_trainer(&mut self, trainer: &'a [u8]) -> Result<(), Malformed> {
        for field in fields(trainer) {
            match field? {
                (3, Field::Number(number)) => {
                    self.model_type = match number {
                        1 => ModelType::Unigram,
                        2 => ModelType::Bpe,
                        _ => ModelType::Other,
                    };
                }
                (24, Field::Number(is)) => self.treat_whitespace_as_suffix = is != 0,
                (35, Field::Number(is)) => self.byte_fallback = is != 0,
                (46, Field::Bytes(piece)) => self.bos_piece = text(piece)?,
                (47, Field::Bytes(piece)) => self.eos_piece = text(piece)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, normalizer: &'a [u8]) -> Result<(), Malformed> {
        for field in fields(normalizer) {
            match field? {
                (2, Field::Bytes(charsmap)) => self.precompiled_charsmap = charsmap,
                (3, Field::Number(is)) => self.add_dummy_prefix = is != 0,
                (4, Field::Number(is)) => self.remove_extra_whitespaces = is != 0,
                (5, Field::Number(is)) => self.escape_whitespaces = is != 0,
                _ => {}
            }
        }
        Ok(())
    }

    /// The spellings of the user-defined pieces, which the normalizer leaves as they are.
    pub fn user_defined(&self) -> Vec<&'a str> {
        let pieces = self.pieces.iter();
        pieces
            .filter(|piece| piece.kind == Kind::UserDefined)
            .map(|piece| piece.text)
            .collect()
    }
}

impl<'a> Piece<'a> {
    fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut piece = Piece {
            text: "",
            score: 0.0,
            kind: Kind::Normal,
        };
        for field in fields(message) {
            match field? {
                (1, Field::Bytes(spelling)) => piece.text = text(spelling)?,
                (2, Field::Float(score)) => piece.score = score,
                (3, Field::Number(kind)) => {
                    piece.kind = match kind {
                        1 => Kind::Normal,
                        2 => Kind::Unknown,
                        3 => Kind::Control,
                        4 => Kind::UserDefined,
                        5 => Kind::Unused,
                        6 => Kind::Byte,
                        _ => return Err(Malformed),
                    };
                }
                _ => {}
            }
        }
        if piece.text.is_empty() {
            return Err(Malformed);
        }
        Ok(piece)
    }
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(bytes).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(field: u8, content: &[u8]) -> Vec<u8> {
        [&[field << 3 | 2, content.len() as u8][..], content].concat()
    }

    #[test]
    fn pieces_and_settings() {
        let data = [
            message(1, b"\x0a\x05<unk>\x15\x00\x00\x00\x00\x18\x02"),
            message(1, b"\x0a\x01a\x15\x00\x00\x80\xbf"),
            message(2, b"\x18\x02\x98\x02\x01"),
            message(3, b"\x12\x02xy\x20\x00"),
            message(4, b"\x0a\x01z"),
        ]
        .concat();
        let model = SentencePieceModel::read(&data).expect("it is one");
        let piece = |text, score, kind| Piece { text, score, kind };
        let expected = [
            piece("<unk>", 0.0, Kind::Unknown),
            piece("a", -1.0, Kind::Normal),
        ];
        assert_eq!(model.pieces, expected);
        assert_eq!(model.model_type, ModelType::Bpe);
        assert!(model.byte_fallback && model.add_dummy_prefix && model.escape_whitespaces);
        assert!(!model.remove_extra_whitespaces);
        assert_eq!(model.precompiled_charsmap, b"xy");
    }

    #[test]
    fn what_is_malformed() {
        for data in [
            message(1, b"\x0a\x01\xff"),
            message(1, b"\x18\x07\x0a\x01a"),
            message(1, b""),
            b"\x08\x01".to_vec(),
            b"\x0a\x09".to_vec(),
        ] {
            assert!(SentencePieceModel::read(&data).is_err(), "{data:?}");
        }
    }
}
