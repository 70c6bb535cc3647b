use http::{Uri, uri::Authority};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// Where a service answers. Two that are equal are one: connections to it are kept while it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// The host: a name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether TLS is spoken there.
    pub tls: bool,
}

/// Why a text is no endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It is no URL.
    #[error("`{0}` is no URL; write http://HOST:PORT or https://HOST")]
    Form(String),
    /// It is a URL of something else.
    #[error("`{0}` is neither http:// nor https://")]
    Scheme(String),
    /// It holds a name and a password.
    #[error("`{0}` holds a user's name; send it as a header instead: --header 'authorization: …'")]
    User(String),
}

impl Endpoint {
    /// A plain HTTP endpoint.
    pub fn plain(address: SocketAddr) -> Endpoint {
        Endpoint {
            host: address.ip().to_string(),
            port: address.port(),
            tls: false,
        }
    }

    /// The endpoint of a URL, and the URL's path with its query if it has any but `/`.
    pub fn of_url(text: &str) -> Result<(Endpoint, Option<String>), EndpointError> {
        let form = || EndpointError::Form(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| form())?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            Some(_) => return Err(EndpointError::Scheme(text.to_owned())),
            None => return Err(form()),
        };
        let authority = uri.authority().map_or("", Authority::as_str);
        if authority.contains('@') {
            return Err(EndpointError::User(text.to_owned()));
        }
        let host = uri.host().map(|it| it.trim_matches(['[', ']']));
        let host = host.filter(|it| !it.is_empty()).ok_or_else(form)?;
        // A port that is there and is none would silently become the scheme's own.
        let after = authority.rsplit_once(']').map_or(authority, |it| it.1);
        let port = match (after.rsplit_once(':'), uri.port_u16()) {
            (None, _) => {
                if tls {
                    443
                } else {
                    80
                }
            }
            (Some(_), Some(port)) if port > 0 => port,
            _ => return Err(form()),
        };
        let path = uri.path_and_query().map(|it| it.as_str().to_owned());
        let endpoint = Endpoint {
            host: host.to_ascii_lowercase(),
            port,
            tls,
        };
        Ok((endpoint, path.filter(|it| it != "/" && !it.is_empty())))
    }

    /// What the `Host` header says: the port only where it is not the scheme's own.
    pub fn authority(&self) -> String {
        let host = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match (self.tls, self.port) {
            (false, 80) | (true, 443) => host,
            (_, port) => format!("{host}:{port}"),
        }
    }

    /// The address, if the host is one and no name.
    pub fn address(&self) -> Option<SocketAddr> {
        let ip: IpAddr = self.host.parse().ok()?;
        Some(SocketAddr::new(ip, self.port))
    }

    /// The scheme.
    pub fn scheme(&self) -> &'static str {
        match self.tls {
            true => "https",
            false => "http",
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_an_endpoint() {
        for (url, shown, path) in [
            ("http://Sale.example", "http://sale.example", None),
            ("http://sale.example:80/", "http://sale.example", None),
            (
                "https://sale.example/buy?n=1",
                "https://sale.example",
                Some("/buy?n=1"),
            ),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", None),
            ("http://[::1]:8080/x", "http://[::1]:8080", Some("/x")),
            ("https://[::1]", "https://[::1]", None),
        ] {
            let (endpoint, found) = Endpoint::of_url(url).expect(url);
            assert_eq!(
                (endpoint.to_string().as_str(), found.as_deref()),
                (shown, path)
            );
        }
    }

    #[test]
    fn what_is_no_url_of_http_is_refused() {
        for url in [
            "",
            "sale.example",
            "ftp://sale.example",
            "http://",
            "http://:80",
            "http://a:99999",
            "http://a:0",
            "http://a:",
            "http://user:secret@sale.example",
            "http://a b/",
        ] {
            assert!(Endpoint::of_url(url).is_err(), "{url}");
        }
    }
}
