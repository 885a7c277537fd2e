//! Elements of HTML by what they are (https://html.spec.whatwg.org/#semantics).

use crate::chunk::blocks::Kind;

/// What an element is, as flags.
pub mod is {
    /// It is nested; others are inline.
    pub const STRUCTURE: u32 = 1;
    /// A paragraph ends before it.
    pub const CLOSING_P: u32 = 1 << 1;
    /// It contains text alone, whatever that looks like.
    pub const RAW: u32 = 1 << 2;
    pub const DRAWING: u32 = 1 << 3;
    /// It has no structure inside.
    pub const UNSTRUCTURED: u32 = 1 << 4;
    /// It has no end tag.
    pub const VOID: u32 = 1 << 5;
    /// It shows nothing.
    pub const INVISIBLE: u32 = 1 << 6;
    /// It is inline and shows something, whatever it contains.
    pub const VISIBLE: u32 = 1 << 7;
    /// It does not end the head.
    pub const IN_HEAD: u32 = 1 << 8;
    pub const ROW_GROUP: u32 = 1 << 9;
    pub const CELL: u32 = 1 << 10;
    /// Beyond it its headings rule nothing.
    pub const SCOPE: u32 = 1 << 11;
    /// It belongs to what follows it.
    pub const INTRODUCING: u32 = 1 << 12;
    pub const HEADING: u32 = 1 << 13;
    /// It is a part of a table.
    pub const IN_TABLE: u32 = 1 << 14;
    /// Not to be cut, beside those whose kind says so.
    pub const ATOMIC: u32 = 1 << 15;
}

const BLOCK: u32 = is::STRUCTURE | is::CLOSING_P;
const PART: u32 = is::STRUCTURE | is::IN_TABLE;
const TEXT: u32 = is::RAW | is::UNSTRUCTURED;

macro_rules! elements {
    ($($element:ident $name:literal $is:expr;)*) => {
        /// An element, by the name of its tags.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Element {
            /// Any that is not listed here: it is inline.
            Other,
            $($element,)*
        }

        const NAMED: &[(&str, Element)] = &[$(($name, Element::$element),)*];
        const FLAGS: &[u32] = &[0, $($is,)*];
    };
}

elements! {
    Address "address" BLOCK;
    Area "area" is::VOID | is::INVISIBLE;
    Article "article" BLOCK;
    Aside "aside" BLOCK | is::SCOPE;
    Audio "audio" is::VISIBLE;
    Base "base" is::VOID | is::INVISIBLE | is::IN_HEAD;
    Basefont "basefont" is::INVISIBLE | is::IN_HEAD;
    Bgsound "bgsound" is::INVISIBLE | is::IN_HEAD;
    Blockquote "blockquote" BLOCK | is::SCOPE;
    Body "body" is::STRUCTURE;
    Br "br" is::VOID;
    Button "button" 0;
    Canvas "canvas" is::VISIBLE;
    Caption "caption" PART | is::INTRODUCING;
    Center "center" BLOCK;
    Col "col" is::VOID | is::INVISIBLE;
    Colgroup "colgroup" PART;
    Dd "dd" BLOCK;
    Details "details" BLOCK | is::ATOMIC;
    Dialog "dialog" BLOCK | is::SCOPE;
    Dir "dir" BLOCK;
    Div "div" BLOCK;
    Dl "dl" BLOCK;
    Dt "dt" BLOCK | is::INTRODUCING;
    Embed "embed" is::VOID | is::VISIBLE;
    Fieldset "fieldset" BLOCK;
    Figcaption "figcaption" BLOCK | is::INTRODUCING;
    Figure "figure" BLOCK | is::SCOPE | is::ATOMIC;
    Footer "footer" BLOCK | is::SCOPE;
    ForeignObject "foreignobject" 0;
    Form "form" BLOCK;
    H1 "h1" BLOCK | is::HEADING;
    H2 "h2" BLOCK | is::HEADING;
    H3 "h3" BLOCK | is::HEADING;
    H4 "h4" BLOCK | is::HEADING;
    H5 "h5" BLOCK | is::HEADING;
    H6 "h6" BLOCK | is::HEADING;
    Head "head" is::STRUCTURE | is::IN_HEAD;
    Header "header" BLOCK;
    Hgroup "hgroup" BLOCK;
    Hr "hr" BLOCK | is::VOID;
    Html "html" is::STRUCTURE;
    Iframe "iframe" TEXT | is::VISIBLE;
    Img "img" is::VOID | is::VISIBLE;
    Input "input" is::VOID | is::VISIBLE;
    Legend "legend" is::STRUCTURE | is::INTRODUCING;
    Li "li" BLOCK;
    Link "link" is::VOID | is::INVISIBLE | is::IN_HEAD;
    Listing "listing" BLOCK;
    Main "main" BLOCK;
    Math "math" is::DRAWING | is::UNSTRUCTURED;
    Menu "menu" BLOCK;
    Meta "meta" is::VOID | is::INVISIBLE | is::IN_HEAD;
    Meter "meter" is::VISIBLE;
    Nav "nav" BLOCK | is::SCOPE;
    Noembed "noembed" TEXT;
    Noframes "noframes" TEXT;
    Noscript "noscript" is::IN_HEAD;
    Object "object" is::VISIBLE;
    Ol "ol" BLOCK;
    P "p" BLOCK;
    Param "param" is::VOID | is::INVISIBLE;
    Picture "picture" is::VISIBLE;
    Plaintext "plaintext" TEXT;
    Pre "pre" BLOCK;
    Progress "progress" is::VISIBLE;
    Script "script" TEXT | is::IN_HEAD;
    Search "search" BLOCK;
    Section "section" BLOCK;
    Select "select" is::VISIBLE;
    Source "source" is::VOID | is::INVISIBLE;
    Style "style" TEXT | is::IN_HEAD;
    Summary "summary" BLOCK | is::INTRODUCING;
    Svg "svg" is::DRAWING | is::UNSTRUCTURED;
    Table "table" BLOCK;
    Tbody "tbody" PART | is::ROW_GROUP;
    Td "td" PART | is::CELL;
    Template "template" is::UNSTRUCTURED | is::IN_HEAD;
    Textarea "textarea" TEXT | is::VISIBLE;
    Tfoot "tfoot" PART | is::ROW_GROUP;
    Th "th" PART | is::CELL;
    Thead "thead" PART | is::ROW_GROUP;
    Title "title" TEXT | is::IN_HEAD;
    Tr "tr" PART;
    Track "track" is::VOID | is::INVISIBLE;
    Ul "ul" BLOCK;
    Video "video" is::VISIBLE;
    Wbr "wbr" is::VOID | is::INVISIBLE;
    Xmp "xmp" BLOCK | TEXT;
    A "a" 0;
    B "b" 0;
    Strong "strong" 0;
}

/// The number of elements, with `Other`.
pub const COUNT: usize = FLAGS.len();

impl Element {
    /// Whether it has one of some flags.
    #[inline]
    pub fn is(self, flags: u32) -> bool {
        FLAGS[self as usize] & flags != 0
    }

    /// The element with tags of this name, in any case.
    #[inline]
    pub fn named(name: &[u8]) -> Self {
        if name.len() > 16 {
            return Element::Other;
        }
        let key = name.iter().rev().fold(0, |key, byte| {
            key << 8 | u128::from(byte.to_ascii_lowercase())
        });
        let mut slot = slot(key);
        loop {
            match TABLE[slot] {
                (0, _) => return Element::Other,
                (known, element) if known == key => return element,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    /// The level of a heading; 0 of anything else.
    pub fn level(self) -> u8 {
        if self.is(is::HEADING) {
            self as u8 - Element::H1 as u8 + 1
        } else {
            0
        }
    }

    /// The kind of its block.
    pub fn kind(self) -> Kind {
        use Element::*;
        match self {
            H1 | H2 | H3 | H4 | H5 | H6 => Kind::Heading,
            P | Address | Summary | Legend | Figcaption | Caption => Kind::Paragraph,
            Ul | Ol | Dl | Menu | Dir => Kind::List,
            Li | Dt | Dd => Kind::Item,
            Pre | Listing | Xmp | Plaintext | Script | Style | Template => Kind::Code,
            Blockquote => Kind::Quote,
            Table => Kind::Table,
            Tr => Kind::Row,
            Head => Kind::Metadata,
            _ => Kind::Element,
        }
    }

    /// The element that has a role otherwise.
    pub fn of_role(role: &str) -> Option<Self> {
        Some(match role {
            "table" | "grid" | "treegrid" => Element::Table,
            "rowgroup" => Element::Tbody,
            "row" => Element::Tr,
            "columnheader" | "rowheader" => Element::Th,
            "cell" | "gridcell" => Element::Td,
            "list" => Element::Ul,
            "listitem" => Element::Li,
            "navigation" => Element::Nav,
            "main" => Element::Main,
            "complementary" => Element::Aside,
            "contentinfo" => Element::Footer,
            _ => return None,
        })
    }

    /// The heading of a level from 1 to 6.
    pub fn heading(level: u8) -> Self {
        use Element::{H1, H2, H3, H4, H5, H6};
        [H1, H2, H3, H4, H5, H6][usize::from(level.clamp(1, 6)) - 1]
    }
}

const SLOTS: usize = 512;

/// Names in little-endian order, each in the first free slot from that of its hash on.
const TABLE: [(u128, Element); SLOTS] = {
    let mut table = [(0, Element::Other); SLOTS];
    let mut n = 0;
    while n < NAMED.len() {
        let (name, element) = NAMED[n];
        let (name, mut key, mut i) = (name.as_bytes(), 0, name.len());
        while i > 0 {
            i -= 1;
            key = key << 8 | name[i] as u128;
        }
        let mut at = slot(key);
        while table[at].0 != 0 {
            at = (at + 1) % SLOTS;
        }
        table[at] = (key, element);
        n += 1;
    }
    table
};

const fn slot(key: u128) -> usize {
    let folded = (key ^ key >> 64) as u64;
    (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_their_names() {
        for &(name, element) in NAMED {
            assert_eq!(Element::named(name.as_bytes()), element);
            assert_eq!(Element::named(name.to_uppercase().as_bytes()), element);
        }
        for name in ["", "x", "em", "articles", "a-name-longer-than-any"] {
            assert_eq!(Element::named(name.as_bytes()), Element::Other);
        }
        assert_eq!(Element::H3.level(), 3);
        assert_eq!(Element::heading(3), Element::H3);
    }
}
