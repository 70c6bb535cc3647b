//! HTTP/1.1 as a client that counts: requests are bytes made beforehand, answers are read and not kept.
//!
//! The head is parsed by `httparse`; how a body ends is RFC 9112, 6.3.

use crate::{Fault, Stream};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A connection that carries one request at a time.
pub(crate) struct Connection {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
    /// Whether it has carried one already.
    pub(crate) was_used: bool,
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Bytes of the body.
    pub(crate) bytes: u64,
    /// Whether the connection can carry another request.
    pub(crate) keeps: bool,
}

/// How an exchange failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) fault: Fault,
    /// Whether not a byte of an answer came: then the server may have closed it before it read anything.
    pub(crate) unanswered: bool,
}

const BUFFER: usize = 16 * 1024;
/// Servers send no longer heads than this, or something else than HTTP.
const MOST_HEAD: usize = 64 * 1024;
const MOST_HEADERS: usize = 128;

impl Connection {
    pub(crate) fn new(stream: Box<dyn Stream>) -> Connection {
        Connection {
            stream,
            buffer: vec![0; BUFFER],
            was_used: false,
        }
    }

    /// Sends a request and reads the whole answer. After an error the connection is of no use.
    pub(crate) async fn exchange(
        &mut self,
        request: &[u8],
        is_head: bool,
    ) -> Result<Answer, Broken> {
        self.was_used = true;
        let closed = |unanswered| {
            move |_: io::Error| Broken {
                fault: Fault::Closed,
                unanswered,
            }
        };
        self.stream.write_all(request).await.map_err(closed(true))?;
        self.stream.flush().await.map_err(closed(true))?;
        let mut filled = 0;
        let (head, length) = loop {
            if filled == self.buffer.len() {
                if filled >= MOST_HEAD {
                    return Err(not_http());
                }
                self.buffer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..]).await;
            let read = read.map_err(closed(filled == 0))?;
            if read == 0 {
                return Err(Broken {
                    fault: Fault::Closed,
                    unanswered: filled == 0,
                });
            }
            filled += read;
            // Interim answers (100, 103) come before the one that counts.
            loop {
                match head(&self.buffer[..filled], is_head)? {
                    Some((head, length)) if head.status < 200 && head.status != 101 => {
                        self.buffer.copy_within(length..filled, 0);
                        filled -= length;
                        if filled == 0 {
                            break;
                        }
                    }
                    _ => break,
                }
            }
            if filled > 0
                && let Some(found) = head(&self.buffer[..filled], is_head)?
            {
                break found;
            }
        };
        let mut body = head.body;
        let mut bytes = 0;
        let mut fresh = length..filled;
        loop {
            let (taken, counted) = body
                .take(&self.buffer[fresh.clone()])
                .ok_or_else(not_http)?;
            bytes += counted;
            let left = fresh.len() - taken;
            if body.is_over() {
                return Ok(Answer {
                    status: head.status,
                    bytes,
                    // What comes without being asked for would be taken for the next answer.
                    keeps: head.keeps && left == 0,
                });
            }
            let read = self
                .stream
                .read(&mut self.buffer)
                .await
                .map_err(closed(false))?;
            if read == 0 {
                let is_whole = matches!(body, Body::UntilClosed);
                return match is_whole {
                    true => Ok(Answer {
                        status: head.status,
                        bytes,
                        keeps: false,
                    }),
                    false => Err(closed(false)(io::ErrorKind::UnexpectedEof.into())),
                };
            }
            fresh = 0..read;
        }
    }
}

fn not_http() -> Broken {
    Broken {
        fault: Fault::Protocol,
        unanswered: false,
    }
}

#[derive(Debug)]
struct Head {
    status: u16,
    keeps: bool,
    body: Body,
}

/// The head of an answer and its length, once it is whole.
fn head(bytes: &[u8], is_head: bool) -> Result<Option<(Head, usize)>, Broken> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Response::new(&mut headers);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(not_http()),
    };
    let status = parsed.code.ok_or_else(not_http)?;
    let mut keeps = parsed.version == Some(1);
    let mut content_length: Option<u64> = None;
    let mut is_chunked = false;
    let mut is_encoded = false;
    for header in parsed.headers.iter() {
        let name = header.name;
        if name.eq_ignore_ascii_case("content-length") {
            let text = std::str::from_utf8(header.value).ok();
            let digits = text
                .map(str::trim)
                .filter(|it| it.bytes().all(|it| it.is_ascii_digit()));
            let length = digits.and_then(|it| it.parse().ok()).ok_or_else(not_http)?;
            // Two lengths are an attack or a mistake (RFC 9112, 6.3).
            if content_length.is_some_and(|before| before != length) {
                return Err(not_http());
            }
            content_length = Some(length);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            is_encoded = true;
            is_chunked = last_word(header.value).eq_ignore_ascii_case(b"chunked");
        } else if name.eq_ignore_ascii_case("connection") {
            let says = |word: &[u8]| {
                header
                    .value
                    .split(|it| *it == b',')
                    .any(|it| it.trim_ascii().eq_ignore_ascii_case(word))
            };
            keeps = (keeps || says(b"keep-alive")) && !says(b"close");
        }
    }
    let body = match () {
        () if is_head || status < 200 || status == 204 || status == 304 => Body::Length(0),
        () if is_chunked => Body::Chunked(Chunked::default()),
        () if is_encoded => Body::UntilClosed,
        () => content_length.map_or(Body::UntilClosed, Body::Length),
    };
    Ok(Some((
        Head {
            status,
            keeps,
            body,
        },
        length,
    )))
}

fn last_word(value: &[u8]) -> &[u8] {
    value
        .rsplit(|it| *it == b',')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

/// What of a body is still to come.
#[derive(Debug)]
enum Body {
    Length(u64),
    Chunked(Chunked),
    UntilClosed,
}

impl Body {
    fn is_over(&self) -> bool {
        match self {
            Body::Length(left) => *left == 0,
            Body::Chunked(chunked) => matches!(chunked.at, At::End),
            Body::UntilClosed => false,
        }
    }

    /// Takes of some bytes what is the body's: how many, and how many of them are content. Nothing if they
    /// are no body.
    fn take(&mut self, bytes: &[u8]) -> Option<(usize, u64)> {
        match self {
            Body::Length(left) => {
                let taken = bytes
                    .len()
                    .min(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= taken as u64;
                Some((taken, taken as u64))
            }
            Body::Chunked(chunked) => chunked.take(bytes),
            Body::UntilClosed => Some((bytes.len(), bytes.len() as u64)),
        }
    }
}

/// The chunked transfer coding (RFC 9112, 7.1).
#[derive(Debug, Default)]
struct Chunked {
    at: At,
    left: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// The first digit of a size.
    #[default]
    Size,
    /// The others.
    MoreSize,
    /// Until the line's end: an extension.
    Extension,
    /// The line feed after a size.
    SizeFeed,
    Content,
    ContentReturn,
    ContentFeed,
    /// The first letter of a line after the last chunk.
    Trailer,
    /// The others.
    MoreTrailer,
    /// The very last line feed.
    LastFeed,
    End,
}

impl Chunked {
    fn take(&mut self, bytes: &[u8]) -> Option<(usize, u64)> {
        let (mut index, mut content) = (0, 0);
        while index < bytes.len() && self.at != At::End {
            let byte = bytes[index];
            if self.at == At::Content {
                let here =
                    (bytes.len() - index).min(usize::try_from(self.left).unwrap_or(usize::MAX));
                self.left -= here as u64;
                content += here as u64;
                index += here;
                if self.left == 0 {
                    self.at = At::ContentReturn;
                }
                continue;
            }
            self.at = match (self.at, byte) {
                (At::Size | At::MoreSize, byte) if byte.is_ascii_hexdigit() => {
                    let digit = char::from(byte).to_digit(16)?;
                    self.left = self.left.checked_mul(16)?.checked_add(u64::from(digit))?;
                    At::MoreSize
                }
                (At::MoreSize | At::Extension, b'\r') => At::SizeFeed,
                (At::MoreSize, b';' | b' ' | b'\t') => At::Extension,
                (At::Extension, byte) if byte != b'\n' => At::Extension,
                (At::SizeFeed, b'\n') if self.left == 0 => At::Trailer,
                (At::SizeFeed, b'\n') => At::Content,
                (At::ContentReturn, b'\r') => At::ContentFeed,
                (At::ContentFeed, b'\n') => At::Size,
                (At::Trailer, b'\r') => At::LastFeed,
                (At::Trailer | At::MoreTrailer, byte) if byte != b'\n' => At::MoreTrailer,
                (At::MoreTrailer, b'\n') => At::Trailer,
                (At::LastFeed, b'\n') => At::End,
                _ => return None,
            };
            index += 1;
        }
        Some((index, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;

    /// What is made of an answer that comes in pieces of so many bytes, after which the server closes.
    async fn answered(text: &str, is_head: bool, piece: usize) -> Result<Answer, Broken> {
        let (ours, mut theirs) = duplex(piece.max(64));
        let text = text.to_owned();
        let server = async move {
            let mut request = [0; 3];
            theirs.read_exact(&mut request).await.expect("a request");
            for piece in text.as_bytes().chunks(piece) {
                if theirs.write_all(piece).await.is_err() {
                    return;
                }
            }
        };
        let client = async {
            let mut connection = Connection::new(Box::new(ours));
            connection.exchange(b"ask", is_head).await
        };
        tokio::join!(server, client).1
    }

    fn ok(status: u16, bytes: u64, keeps: bool) -> Result<Answer, Broken> {
        Ok(Answer {
            status,
            bytes,
            keeps,
        })
    }

    fn broken(fault: Fault, unanswered: bool) -> Result<Answer, Broken> {
        Err(Broken { fault, unanswered })
    }

    #[tokio::test]
    async fn a_body_ends_where_its_head_says() {
        for (text, is_head, expected) in [
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
                false,
                ok(200, 5, true),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n",
                true,
                ok(200, 0, true),
            ),
            ("HTTP/1.1 204 No Content\r\n\r\n", false, ok(204, 0, true)),
            (
                "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n",
                false,
                ok(304, 0, true),
            ),
            (
                "HTTP/1.1 200 OK\r\n\r\nuntil closed",
                false,
                ok(200, 12, false),
            ),
            (
                "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\nx",
                false,
                ok(200, 1, false),
            ),
            (
                "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n",
                false,
                ok(200, 0, true),
            ),
            (
                "HTTP/1.1 503 No\r\nConnection: Close\r\ncontent-length: 0\r\n\r\n",
                false,
                ok(503, 0, false),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n",
                false,
                ok(200, 15, true),
            ),
            (
                "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                false,
                ok(200, 0, true),
            ),
        ] {
            for piece in [1, 7, 1000] {
                assert_eq!(answered(text, is_head, piece).await, expected, "{text}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_answer_is_told_apart() {
        for (text, expected) in [
            ("", broken(Fault::Closed, true)),
            ("HTTP/1.1 200 O", broken(Fault::Closed, false)),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
                broken(Fault::Closed, false),
            ),
            ("SSH-2.0-OpenSSH_9.2\r\n", broken(Fault::Protocol, false)),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
                broken(Fault::Protocol, false),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
                broken(Fault::Protocol, false),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\n",
                broken(Fault::Protocol, false),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
                broken(Fault::Protocol, false),
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhel",
                broken(Fault::Closed, false),
            ),
        ] {
            for piece in [1, 1000] {
                assert_eq!(answered(text, false, piece).await, expected, "{text}");
            }
        }
    }

    #[tokio::test]
    async fn a_connection_with_something_left_over_is_not_used_again() {
        let text = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab";
        assert_eq!(answered(text, false, 1000).await, ok(200, 1, false));
    }

    #[tokio::test]
    async fn a_head_without_end_is_given_up() {
        let text = format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(2 * MOST_HEAD));
        assert_eq!(
            answered(&text, false, 60_000).await,
            broken(Fault::Protocol, false)
        );
    }
}
