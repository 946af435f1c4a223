//! SVG to PNG with the embedded font alone.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{ImageHrefResolver, Options, Tree};

/// DejaVu Sans cut down to the characters that figures use; licence beside the file.
static FONT_DATA: &[u8] = include_bytes!("../../font/DejaVuSans-subset.ttf");

// Every family name resolves to this one font, so no machine's own fonts change the picture.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(FONT_DATA.to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    fonts.set_serif_family("DejaVu Sans");
    fonts.set_monospace_family("DejaVu Sans");
    Arc::new(fonts)
});

/// Largest picture in pixels, about 400 MB of memory.
const MOST_PIXELS: f64 = 1e8;

/// Why no PNG can be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PngError {
    /// A scale that is not a positive number.
    #[error("a PNG is drawn at a positive scale, not at {0}")]
    Scale(f32),
    /// Text that is not SVG.
    #[error("the SVG cannot be read: {0}")]
    Svg(String),
    /// Pixels across and down.
    #[error("a PNG of {0} by {1} pixels cannot be drawn; lower the scale")]
    TooLarge(f64, f64),
    /// What the encoder says.
    #[error("the PNG cannot be written: {0}")]
    Write(String),
}

/// Draws an SVG text as a PNG file's bytes.
///
/// `scale` is pixels per SVG px: 1 for the screen, 2 to 3 for print. Text uses only the embedded
/// font and images in the SVG are not followed, so the bytes are the same on any machine. Fails on
/// a malformed SVG, a scale that is not positive, or a picture of more than 100 million pixels.
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
    let mut pixels = Pixmap::new(wide as u32, high as u32).ok_or(PngError::TooLarge(wide, high))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| PngError::Write(e.to_string()))
}
