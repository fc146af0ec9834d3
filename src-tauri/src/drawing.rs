//! How pages are drawn. With a graphics card WebKit composes their layers there. Without one the same would be done in
//! software, layer by layer and frame by frame; a page painted at once, into one layer, is then the cheaper one.

use std::path::Path;

/// Read by WebKitGTK when it starts: no layers.
const ONE_LAYER: (&str, &str) = ("WEBKIT_DISABLE_COMPOSITING_MODE", "1");

/// The environment variable that says so on this PC, name and value; none: WebKit's own way.
pub(crate) fn variable() -> Option<(&'static str, &'static str)> {
    (!can_render(Path::new("/dev/dri"))).then_some(ONE_LAYER)
}

/// Whether Linux offers a graphics card to draw with: a render node (Documentation/gpu/drm-uapi, "Render nodes").
fn can_render(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with("renderD"))
    })
}

#[cfg(test)]
mod tests {
    use super::can_render;

    #[test]
    fn a_render_node_is_a_graphics_card_to_draw_with_and_a_mere_screen_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(!can_render(&folder.path().join("dri")), "no folder at all");
        std::fs::write(folder.path().join("card0"), "").expect("written");
        assert!(!can_render(folder.path()), "a screen alone");
        std::fs::write(folder.path().join("renderD128"), "").expect("written");
        assert!(can_render(folder.path()));
    }
}
