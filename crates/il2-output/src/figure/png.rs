//! Converts SVG to PNG with only the embedded font.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{ImageHrefResolver, Options, Tree};

/// DejaVu Sans reduced to the characters that figures use; the licence is next to the file.
static FONT_DATA: &[u8] = include_bytes!("../../font/DejaVuSans-subset.ttf");

// Every family name resolves to this one font, so that fonts installed on a machine do not change
// the picture.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT_DATA.to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_serif_family("DejaVu Sans");
    fonts.set_monospace_family("DejaVu Sans");
    Arc::new(fonts)
});

/// Largest number of pixels of a picture.
const MOST_PIXELS: f64 = 1e8;

/// Number of pixels drawn at a time, 4 MB: writing a whole picture for print takes twice its 22 MB,
/// which was a third of the memory of a run.
const STRIP: u32 = 1 << 20;

/// Why no PNG can be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PngError {
    /// The scale is not a positive number.
    #[error("the scale of a PNG must be positive, not {0}")]
    Scale(f32),
    /// The text is not valid SVG.
    #[error("the SVG cannot be read: {0}")]
    Svg(String),
    /// The picture is too large; width and height in pixels.
    #[error("a PNG of {0} by {1} pixels cannot be drawn; lower the scale")]
    TooLarge(f64, f64),
    /// The error message of the encoder.
    #[error("the PNG cannot be written: {0}")]
    Write(String),
}

/// Renders an SVG text as the bytes of a PNG file.
///
/// `scale` is pixels per SVG px: 1 for the screen, 2 to 3 for print. Text uses only the embedded
/// font, and images in the SVG are not loaded, so that the bytes are the same on any machine. Fails
/// for a malformed SVG, a scale that is not positive, or a picture of more than 100 million pixels.
pub fn to_png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    if !(scale.is_finite() && scale > 0.0) {
        return Err(PngError::Scale(scale));
    }
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: "DejaVu Sans".to_string(),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options).map_err(|e| PngError::Svg(e.to_string()))?;
    let wide = (f64::from(tree.size().width()) * f64::from(scale)).round().max(1.0);
    let high = (f64::from(tree.size().height()) * f64::from(scale)).round().max(1.0);
    if wide * high > MOST_PIXELS {
        return Err(PngError::TooLarge(wide, high));
    }
    strips(&tree, scale, wide as u32, high as u32).map_err(|e| PngError::Write(e.to_string()))
}

/// Draws and writes the picture in strips of whole lines, from the top.
fn strips(tree: &Tree, scale: f32, wide: u32, high: u32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, wide, high);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut header = encoder.write_header()?;
    let mut writer = header.stream_writer()?;
    let most = (STRIP / wide).clamp(1, high);
    for top in (0..high).step_by(most as usize) {
        let lines = most.min(high - top);
        let mut pixels = Pixmap::new(wide, lines).expect("neither side is zero");
        let place = Transform::from_scale(scale, scale).post_translate(0.0, -(top as f32));
        resvg::render(tree, place, &mut pixels.as_mut());
        writer.write_all(&pixels.take_demultiplied())?;
    }
    writer.finish()?;
    header.finish()?;
    Ok(file)
}
