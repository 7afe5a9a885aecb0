//! What is run.

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    pub sends: bool,
    pub is_text: bool,
    pub size: usize,
    pub count: usize,
}

/// What the profiler looks at: enough that its samples tell clients apart.
pub const SAMPLED: Event = Event { sends: false, is_text: false, size: 64, count: 40_000 };

/// Both ways, text and binary, in each size.
pub fn all() -> Vec<Event> {
    let sizes = [(64, 10_000), (1024, 5_000), (64 << 10, 300), (1 << 20, 10)];
    let ways = [(false, false), (false, true), (true, false), (true, true)];
    let event = |(sends, is_text)| sizes.map(|(size, count)| Event { sends, is_text, size, count });
    ways.into_iter().flat_map(event).collect()
}

impl Event {
    pub fn title(&self) -> String {
        let size = match self.size {
            size if size >= 1 << 20 => format!("{} MiB", size >> 20),
            size if size >= 1 << 10 => format!("{} KiB", size >> 10),
            size => format!("{size} B"),
        };
        let way = if self.sends { "send" } else { "receive" };
        format!("{way} {size}{}", if self.is_text { " text" } else { "" })
    }

    pub fn job(&self) -> &'static str {
        if self.sends { "send" } else { "receive" }
    }

    pub fn url(&self, server: &str) -> String {
        let Self { size, count, .. } = self;
        let kind = if self.is_text { "text" } else { "binary" };
        format!("ws://{server}/{}?kind={kind}&size={size}&count={count}", self.job())
    }
}
