//! Pictures of windows.

use std::{
    collections::HashSet,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

/// Where pictures are left for people.
pub fn path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/examples");
    std::fs::create_dir_all(&folder).expect("a folder");
    folder.join(name)
}

/// Rows of red, green and blue.
#[derive(Debug, PartialEq)]
pub struct Picture {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<[u8; 3]>,
}

impl Picture {
    pub fn save(&self, path: &Path) {
        let mut encoder = png::Encoder::new(File::create(path).expect("a file"), self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("written");
        writer.write_image_data(self.pixels.as_flattened()).expect("written");
    }

    pub fn read(path: &Path) -> Self {
        let mut decoder = png::Decoder::new(BufReader::new(File::open(path).expect("a file")));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().expect("a picture");
        let mut bytes = vec![0; reader.output_buffer_size().expect("a size")];
        let info = reader.next_frame(&mut bytes).expect("a picture");
        let samples = info.color_type.samples();
        assert!(samples >= 3, "a picture in grey");
        let pixels = bytes.chunks_exact(samples).map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        Self { width: info.width, height: info.height, pixels }
    }

    /// A blank window has one; smooth letters make many.
    pub fn colors(&self) -> usize {
        self.pixels.iter().collect::<HashSet<_>>().len()
    }
}
