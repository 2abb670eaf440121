//! Markdown (CommonMark with tables and strikethrough) to HTML that is safe to show.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// The text as HTML. HTML inside the text is shown as it was typed, not obeyed; whatever is left that could run, load or
/// style something is cleaned away.
pub(crate) fn to_html(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let kept = |event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(Event::Text(html)),
        // Nothing is loaded from elsewhere while somebody reads: of a picture its description is left.
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    };
    let mut page = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut page, Parser::new_ext(text, options).filter_map(kept));
    ammonia::Builder::default()
        .rm_tags(["img"])
        .url_schemes(["http", "https", "mailto", "tel"].into())
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&page)
        .to_string()
}
