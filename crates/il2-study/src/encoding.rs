//! Text of XML files, which may be in other encodings than UTF-8.

/// Characters of the bytes 0x80 to 0x9f in Windows-1252, which many programs write where a file
/// declares ISO-8859-1.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// The text of a file in UTF-8; of an XML file also in UTF-16 or in an encoding with one byte for
/// each character of Western Europe. The error is the number of the first byte that does not fit.
pub fn text_of(bytes: Vec<u8>) -> Result<String, usize> {
    // An XML file begins with `<`.
    match bytes[..] {
        [0xff, 0xfe, b'<', 0, ..] | [b'<', 0, _, 0, ..] => return wide(&bytes, u16::from_le_bytes),
        [0xfe, 0xff, 0, b'<', ..] | [0, b'<', 0, ..] => return wide(&bytes, u16::from_be_bytes),
        _ => {}
    }
    String::from_utf8(bytes).or_else(|e| {
        let at = e.utf8_error().valid_up_to();
        let bytes = e.as_bytes();
        // A declaration is at the beginning, in ASCII.
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]).to_lowercase();
        let declared = head.strip_prefix("<?xml").and_then(|head| head.split("?>").next());
        let narrow = ["iso-8859-1\"", "iso-8859-1'", "latin1", "windows-1252", "us-ascii"];
        if !declared.is_some_and(|head| narrow.iter().any(|name| head.contains(name))) {
            return Err(at);
        }
        let windows: Vec<char> = WINDOWS.chars().collect();
        let of = |&byte: &u8| match byte {
            0x80..=0x9f => windows[usize::from(byte) - 0x80],
            _ => char::from(byte),
        };
        Ok(bytes.iter().map(of).collect())
    })
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, usize> {
    let units: Vec<u16> = bytes.chunks(2).map(|b| unit([b[0], *b.get(1).unwrap_or(&0)])).collect();
    String::from_utf16(&units).map_err(|_| {
        let good = char::decode_utf16(units).take_while(Result::is_ok);
        good.map(|c| 2 * c.map_or(0, char::len_utf16)).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_in_other_encodings_is_read() {
        let xml =
            |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?><a>β</a>");
        let wide = |bytes: fn(u16) -> [u8; 2], mark: bool| {
            let text = xml("UTF-16");
            let mark = mark.then_some(0xfeff);
            mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
        };
        for bytes in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            for mark in [true, false] {
                let text = text_of(wide(bytes, mark)).unwrap();
                assert_eq!(text.trim_start_matches('\u{feff}'), xml("UTF-16"));
            }
        }
        let narrow = |encoding: &str| {
            let head = format!("<?xml version='1.0' encoding='{encoding}'?><a>");
            [head.as_bytes(), b"Caf\xe9 \x80</a>"].concat()
        };
        for encoding in ["ISO-8859-1", "windows-1252"] {
            assert!(text_of(narrow(encoding)).unwrap().ends_with("<a>Café €</a>"));
        }
        let at = narrow("UTF-8").iter().position(|b| *b == 0xe9).unwrap();
        assert_eq!(text_of(narrow("UTF-8")), Err(at));
        assert_eq!(text_of(narrow("ISO-8859-15")), Err(at + 6));
        assert_eq!(text_of(b"a,b\n\xe9".to_vec()), Err(4));
        // Half of a pair.
        assert_eq!(text_of(vec![0xff, 0xfe, b'<', 0, 0, 0xd8]), Err(4));
    }
}
