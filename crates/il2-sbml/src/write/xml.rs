//! Elements, attributes and the notes and annotations of SBML.

/// A file that is being written.
pub(super) struct Xml {
    pub text: String,
    depth: usize,
}

/// A number that reads back to the same bits.
pub(super) fn number(value: f64) -> String {
    match value {
        v if v.is_nan() => "NaN".into(),
        f64::INFINITY => "INF".into(),
        f64::NEG_INFINITY => "-INF".into(),
        v if v == 0.0 || (1e-4..1e7).contains(&v.abs()) => v.to_string(),
        v => format!("{v:e}"),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML allows no other control characters.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

impl Xml {
    pub fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(), depth: 0 }
    }

    fn tag(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.text.push_str(&format!("{:1$}<{name}", "", 2 * self.depth));
        for (key, value) in attributes {
            self.text.push_str(&format!(" {key}=\"{}\"", escaped(value)));
        }
        self.text.push_str(end);
    }

    pub fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, ">\n");
        self.depth += 1;
    }

    pub fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes, "/>\n");
    }

    pub fn close(&mut self, name: &str) {
        self.depth -= 1;
        self.text.push_str(&format!("{:1$}</{name}>\n", "", 2 * self.depth));
    }

    /// An element that contains a word.
    pub fn word(&mut self, name: &str, attributes: &[(&str, &str)], word: &str) {
        self.tag(name, attributes, ">");
        self.text.push_str(&format!("{}</{name}>\n", escaped(word)));
    }

    pub fn notes(&mut self, notes: &[String]) {
        if notes.iter().all(String::is_empty) {
            return;
        }
        self.open("notes", &[]);
        self.open("body", &[("xmlns", "http://www.w3.org/1999/xhtml")]);
        for note in notes.iter().filter(|n| !n.is_empty()) {
            self.word("p", &[], note);
        }
        self.close("body");
        self.close("notes");
    }

    /// Publications of an element, in the form of the specification's annotations (section 6.3).
    pub fn sources(&mut self, metaid: &str, sources: &[String]) {
        if sources.is_empty() {
            return;
        }
        self.open("annotation", &[]);
        let spaces = [
            ("xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
            ("xmlns:bqmodel", "http://biomodels.net/model-qualifiers/"),
        ];
        self.open("rdf:RDF", &spaces);
        self.open("rdf:Description", &[("rdf:about", &format!("#{metaid}"))]);
        self.open("bqmodel:isDescribedBy", &[]);
        self.open("rdf:Bag", &[]);
        for source in sources {
            self.empty("rdf:li", &[("rdf:resource", source)]);
        }
        for name in ["rdf:Bag", "bqmodel:isDescribedBy", "rdf:Description", "rdf:RDF", "annotation"]
        {
            self.close(name);
        }
    }
}
