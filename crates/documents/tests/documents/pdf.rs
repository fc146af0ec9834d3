//! Small PDFs, written by hand.

use std::io::Write;

use flate2::{Compress, Compression, FlushCompress, Status};

/// A document from numbered objects (the first is number 1, the catalogue), with its cross-reference table.
pub(crate) fn document(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        writeln!(file, "{} 0 obj", index + 1).expect("a vector takes all");
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).expect("a vector takes all");
    for offset in offsets {
        writeln!(file, "{offset:010} 00000 n ").expect("a vector takes all");
    }
    let size = objects.len() + 1;
    write!(
        file,
        "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    )
    .expect("a vector takes all");
    file
}

/// A stream object with the given entries in its dictionary.
pub(crate) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend_from_slice(data);
    object.extend_from_slice(b"\nendstream");
    object
}

/// One page of 200 x 100 points whose content is the given stream object; `F` is Helvetica. Further objects
/// are numbered from 6.
pub(crate) fn one_page(content: Vec<u8>, page_entries: &str, further: &[Vec<u8>]) -> Vec<u8> {
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R {page_entries} >>")
            .into_bytes(),
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    objects.extend_from_slice(further);
    document(&objects)
}

/// Names the font of [`one_page`].
pub(crate) const WITH_FONT: &str = "/Resources << /Font << /F 5 0 R >> >>";

/// A zlib stream of `mebibytes` MiB of spaces. The block of one MiB is compressed once and repeated, which a
/// full flush allows, so it takes no time to make.
pub(crate) fn zlib_spaces(mebibytes: u64) -> Vec<u8> {
    let block = deflate_block(&vec![b' '; 1 << 20]);
    let mut out = vec![0x78, 0x9c];
    for _ in 0..mebibytes {
        out.extend_from_slice(&block);
    }
    // The last, empty block, and the Adler-32 of that many spaces.
    out.extend_from_slice(&[0x03, 0x00]);
    out.extend_from_slice(&adler32_of_spaces(mebibytes << 20).to_be_bytes());
    out
}

/// An ordinary zlib stream.
pub(crate) fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn deflate_block(data: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(data.len());
    let status = Compress::new(Compression::best(), false)
        .compress_vec(data, &mut block, FlushCompress::Full)
        .expect("plain data");
    assert_eq!(status, Status::Ok);
    block
}

/// RFC 1950, 8.2, for `n` bytes of value 32: a = 1 + 32 n, b = n + 32 n (n + 1) / 2, both modulo 65521.
fn adler32_of_spaces(n: u64) -> u32 {
    let n = u128::from(n);
    let low = (1 + 32 * n) % 65_521;
    let high = (n + 32 * (n * (n + 1) / 2)) % 65_521;
    u32::try_from(high << 16 | low).expect("two remainders below 2^16")
}

#[test]
fn the_long_stream_is_a_true_one() {
    let mut plain = Vec::new();
    let read = std::io::Read::read_to_end(
        &mut flate2::read::ZlibDecoder::new(zlib_spaces(3).as_slice()),
        &mut plain,
    );
    assert_eq!(read.expect("sound, checksum included"), 3 << 20);
    assert!(plain.iter().all(|byte| *byte == b' '));
}
