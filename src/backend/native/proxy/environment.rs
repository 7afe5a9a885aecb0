//! What the environment says of proxies, as curl reads it.

use super::Target;
use crate::backend::native::dial::is_localhost;
use crate::proxy::{ProxyServer, bare, shown};
use std::net::IpAddr;

/// The proxy for a target by these variables. Of one that cannot be used, its value: to go straight in its place
/// would go a way that somebody has closed.
pub(super) fn proxy(
    target: Target<'_>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<ProxyServer>, (String, &'static str)> {
    if is_this_machine(target.host) {
        return Ok(None);
    }
    let either = |name: &str| variable(&name.to_ascii_lowercase()).or_else(|| variable(name));
    if either("NO_PROXY").is_some_and(|list| is_excepted(target, &list)) {
        return Ok(None);
    }
    let own = match target.secure {
        true => either("HTTPS_PROXY"),
        // in capitals a web server makes it of a header that the client chose
        false if variable("REQUEST_METHOD").is_some() => variable("http_proxy"),
        false => either("HTTP_PROXY"),
    };
    let Some(url) = own.or_else(|| either("ALL_PROXY")) else { return Ok(None) };
    match ProxyServer::parse(&url) {
        Ok(server) => Ok(Some(server)),
        Err(reason) => Err((shown(&url), reason)),
    }
}

fn is_this_machine(host: &str) -> bool {
    is_localhost(host) || host.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
}

fn is_excepted(target: Target<'_>, list: &str) -> bool {
    list.split([',', ' ', '\t']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| fits(target, entry))
}

fn fits(target: Target<'_>, entry: &str) -> bool {
    if entry == "*" {
        return true;
    }
    let (host, port) = with_port(entry);
    if port.is_some_and(|port| port != target.port) {
        return false;
    }
    match target.host.parse::<IpAddr>() {
        Ok(address) => is_in_range(address, bare(host)),
        Err(_) => is_below(target.host, host),
    }
}

/// A port stands after the last colon, unless that is an IPv6 address's.
fn with_port(entry: &str) -> (&str, Option<u16>) {
    let split = entry.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match split {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    }
}

fn is_below(name: &str, parent: &str) -> bool {
    let lower = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
    let parent = lower(parent.strip_prefix("*").unwrap_or(parent).trim_start_matches('.'));
    let name = lower(name);
    !parent.is_empty() && name.strip_suffix(&parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn is_in_range(address: IpAddr, range: &str) -> bool {
    let (network, length) = match range.split_once('/') {
        Some((network, length)) => (network, length.parse().ok()),
        None => (range, Some(u32::MAX)),
    };
    let (network, length) = match network.parse() {
        // of an IPv4 address in IPv6's clothes the last 32 bits count
        Ok(IpAddr::V6(mapped)) if mapped.to_ipv4_mapped().is_some() => {
            let length = length.map(|length| if range.contains('/') { length.saturating_sub(96) } else { length });
            (Ok(IpAddr::V6(mapped).to_canonical()), length)
        }
        network => (network, length),
    };
    match (address.to_canonical(), network, length) {
        (IpAddr::V4(address), Ok(IpAddr::V4(network)), Some(length)) => {
            let differing = 32_u32.saturating_sub(length);
            u32::from(address).checked_shr(differing) == u32::from(network).checked_shr(differing)
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(network)), Some(length)) => {
            let differing = 128_u32.saturating_sub(length);
            u128::from(address).checked_shr(differing) == u128::from(network).checked_shr(differing)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: (&str, u16, bool), variables: &[(&str, &str)]) -> Option<String> {
        let (host, port, secure) = url;
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let chosen = proxy(Target { host, port, secure }, variable).expect("variables that can be read");
        chosen.map(|server| server.to_string())
    }

    #[test]
    fn each_scheme_has_its_variable() {
        let all = [("HTTPS_PROXY", "http://s"), ("http_proxy", "p:8080"), ("ALL_PROXY", "socks5://a")];
        assert_eq!(chosen(("example.com", 443, true), &all).as_deref(), Some("http://s:80"));
        assert_eq!(chosen(("example.com", 80, false), &all).as_deref(), Some("http://p:8080"));
        assert_eq!(chosen(("example.com", 80, false), &all[2..]).as_deref(), Some("socks5://a:1080"));
        assert_eq!(chosen(("example.com", 80, false), &[]), None);
        assert_eq!(chosen(("example.com", 80, false), &[("HTTP_PROXY", "x"), ("REQUEST_METHOD", "GET")]), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_straight_way() {
        for (value, shown) in
            [("ftp://u:secret@x:1", "ftp://x:1"), ("http://x:port", "http://x:…"), ("https://x", "https://x")]
        {
            let target = Target { host: "example.com", port: 80, secure: false };
            let variable = |name: &str| (name == "http_proxy").then(|| value.to_owned());
            let (told, reason) = proxy(target, variable).map(|_| ()).expect_err(value);
            assert!(told == shown && !reason.is_empty(), "{told}: {reason}");
        }
    }

    #[test]
    fn this_machine_is_reached_straight() {
        let all = [("ALL_PROXY", "http://p")];
        for host in ["localhost", "app.localhost", "127.0.0.9", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(chosen((host, 80, false), &all), None, "{host}");
        }
    }

    #[test]
    fn exceptions_are_names_addresses_and_ranges() {
        for (list, host, port, excepted) in [
            ("*", "example.com", 80, true),
            ("example.com", "example.com", 80, true),
            ("a, .example.com", "chat.example.com", 80, true),
            ("*.example.com", "chat.Example.com.", 80, true),
            ("ample.com", "example.com", 80, false),
            ("example.com:443", "example.com", 80, false),
            ("example.com:80", "example.com", 80, true),
            ("10.0.0.0/8", "10.9.8.7", 80, true),
            ("10.0.0.0/8", "11.0.0.1", 80, false),
            ("10.0.0.1", "10.0.0.2", 80, false),
            ("0.0.0.0/0", "10.0.0.2", 80, true),
            ("[2001:db8::]:443, 2001:db8::/32", "2001:db8::7", 80, true),
            ("2001:db8::7", "2001:db8::7", 80, true),
            (", ,", "example.com", 80, false),
            ("other.org example.com", "example.com", 80, true),
            ("10.0.0.0/8", "::ffff:10.9.8.7", 80, true),
            ("::ffff:10.9.8.7", "10.9.8.7", 80, true),
            ("::ffff:10.0.0.0/104", "10.9.8.7", 80, true),
            ("::ffff:10.0.0.0/104", "11.9.8.7", 80, false),
        ] {
            let variables = [("ALL_PROXY", "http://p"), ("no_proxy", list)];
            assert_eq!(chosen((host, port, false), &variables).is_none(), excepted, "{list}: {host}");
        }
    }
}
