//! What came of a document that was fetched, as long as nothing is known of what is in it.

use crate::base::http::HttpResponse;

/// Its bytes.
///
/// # Errors
/// For any status but 200, and for more bytes than may come, in words.
pub fn whole(response: &HttpResponse, limit: usize) -> Result<&[u8], String> {
    match response.status {
        200 if response.body.len() <= limit => Ok(&response.body),
        200 => Err(format!("it is longer than {limit} bytes")),
        300..400 => Err(format!("it answers with a redirect ({}), which is not followed", response.status)),
        status => Err(format!("it answers with status {status}")),
    }
}
