//! Pixels as PNG: grey where a page has no colour, else red, green, blue; compressed fast, because a reader waits.

use hayro::vello_cpu::Pixmap;

use crate::error::DocumentError;

/// A picture without transparency (the engine draws on white).
pub(super) fn png(pixels: &Pixmap) -> Result<Vec<u8>, DocumentError> {
    let data = pixels.data();
    let grey = data.iter().all(|pixel| pixel.r == pixel.g && pixel.g == pixel.b);
    let (colour, bytes) = if grey {
        let bytes: Vec<u8> = data.iter().map(|pixel| pixel.r).collect();
        (png::ColorType::Grayscale, bytes)
    } else {
        let bytes = data
            .iter()
            .flat_map(|pixel| [pixel.r, pixel.g, pixel.b])
            .collect();
        (png::ColorType::Rgb, bytes)
    };
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, pixels.width().into(), pixels.height().into());
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(DocumentError::damaged)?;
    writer.write_image_data(&bytes).map_err(DocumentError::damaged)?;
    writer.finish().map_err(DocumentError::damaged)?;
    Ok(out)
}
