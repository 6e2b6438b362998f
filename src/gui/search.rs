//! Fuzzy search: how well what is typed fits a name. Each word costs one pass over the text.

/// Words of what is typed, in lower case.
pub fn words(typed: &str) -> Vec<String> {
    typed.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// How well all words fit: each stands in the title or beside it, or its letters come in this order in the title. `None`
/// where one does not; the greater the better.
pub fn fit(words: &[String], title: &str, beside: &str) -> Option<u32> {
    let (title, beside) = (title.to_lowercase(), beside.to_lowercase());
    let each = words.iter().map(|word| fit_of(word, &title, &beside)).sum::<Option<u32>>()?;
    let phrase = words.join(" ");
    let is_phrase = words.len() > 1 && title.replace('_', " ").starts_with(&phrase);
    Some(each + u32::from(is_phrase) * 200)
}

fn fit_of(word: &str, title: &str, beside: &str) -> Option<u32> {
    if let Some(begins) = place(word, title) {
        let whole = if title == word { 60 } else { 0 };
        return Some(if begins { 120 } else { 80 } + whole + u32::from(title.starts_with(word)) * 20);
    }
    match place(word, beside) {
        Some(begins) => Some(if begins { 50 } else { 30 }),
        None => letters(word, title),
    }
}

/// Whether the word stands in the text, and whether it begins a word there.
fn place(word: &str, text: &str) -> Option<bool> {
    let mut found = None;
    for (at, _) in text.match_indices(word) {
        if text[..at].chars().next_back().is_none_or(|before| !before.is_alphanumeric()) {
            return Some(true);
        }
        found = Some(false);
    }
    found
}

/// Its letters in this order, better the more of them begin words or stand side by side. Few may stand alone within a
/// word, or every long text would fit.
fn letters(word: &str, text: &str) -> Option<u32> {
    let (mut wanted, mut score, mut alone) = (word.chars().peekable(), 1, 0);
    let (mut before, mut was_hit) = (' ', false);
    for letter in text.chars() {
        let is_hit = wanted.peek() == Some(&letter);
        if is_hit {
            wanted.next();
            let begins = !before.is_alphanumeric();
            score += u32::from(begins) * 3 + u32::from(was_hit) * 2;
            alone += usize::from(!begins && !was_hit);
        }
        (before, was_hit) = (letter, is_hit);
    }
    let is_near = alone * 3 <= word.chars().count();
    (is_near && wanted.peek().is_none()).then_some(score.min(28))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_fit_comes_first() {
        for (typed, better, worse) in [
            ("save", "Save the preset", "Autosave"),
            ("token", "token", "token_endpoint"),
            ("end", "Run to the end", "send"),
            ("rte", "Run to the end", "write"),
            ("state", "state", "estate"),
            ("open a recording", "Open a recording", "Open a preset, a run or a recording"),
            ("client id", "client_id", "client_secret of no id"),
        ] {
            let of = |title: &str| fit(&words(typed), title, "");
            assert!(of(better) > of(worse), "{typed}: {better} {:?}, {worse} {:?}", of(better), of(worse));
        }
        assert_eq!(fit(&words("xyz"), "state", "setting"), None);
        assert_eq!(fit(&words("nonce"), "Client authentication is asymmetric", ""), None, "letters all over");
        assert!(fit(&words("redrct"), "redirect_uri", "").is_some(), "a letter was left out");
        assert_eq!(fit(&words("state xyz"), "state", "setting"), None, "every word has to fit");
        assert!(fit(&words("setting st"), "state", "setting").is_some());
        assert_eq!(fit(&[], "anything", ""), Some(0));
    }
}
