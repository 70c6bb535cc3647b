//! What a stream holds.

use aws_sdk_cloudwatchlogs::Client;
use setpoint_aws::{Aws, found};
use setpoint_core::Result;

/// Every message of a stream, from its first. Nothing where the stream, or its group, is not there.
///
/// `logs:GetLogEvents` pages forward until the token that it answers with is the one that it was asked with.
pub async fn whole_stream(aws: &Aws, group: &str, stream: &str) -> Result<Vec<String>> {
    let client = Client::new(aws.config());
    let mut messages = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let send = || {
            client
                .get_log_events()
                .log_group_name(group)
                .log_stream_name(stream)
                .start_from_head(true)
                .set_next_token(token.clone())
                .send()
        };
        let Some(page) = found(aws.call("logs:GetLogEvents", send).await)? else {
            return Ok(messages);
        };
        let events = page.events.unwrap_or_default();
        messages.extend(events.into_iter().filter_map(|it| it.message));
        if page.next_forward_token.is_none() || page.next_forward_token == token {
            return Ok(messages);
        }
        token = page.next_forward_token;
    }
}
