//! Static files.

use crate::support::{fetch, start, start_with_files};

#[tokio::test]
async fn files_are_served_and_nothing_outside() {
    let folder = std::env::temp_dir().join(format!("eversocket-server-{}", std::process::id()));
    let www = folder.join("www");
    std::fs::create_dir_all(www.join("sub")).expect("a folder");
    std::fs::write(folder.join("secret.txt"), "secret").expect("a file");
    std::fs::write(www.join("index.html"), "home").expect("a file");
    std::fs::write(www.join("sub/a.wasm"), "code").expect("a file");
    let server = start_with_files(www).await;

    let home = fetch(&server, "GET /?query").await;
    assert!(home.starts_with("HTTP/1.1 200 ") && home.ends_with("\r\n\r\nhome"), "{home}");
    assert!(home.contains("Content-Type: text/html") && home.contains("Cache-Control: no-cache"), "{home}");
    assert!(fetch(&server, "GET /sub/a.wasm").await.contains("Content-Type: application/wasm\r\n"));
    for path in ["/../secret.txt", "/sub/..%2f../secret.txt", "/%2e%2e/secret.txt", "/sub", "/absent"] {
        assert!(fetch(&server, &format!("GET {path}")).await.starts_with("HTTP/1.1 404 "), "{path}");
    }
    assert!(fetch(&server, "POST /").await.starts_with("HTTP/1.1 405 "));
    std::fs::remove_dir_all(folder).expect("it is ours");
}

#[tokio::test]
async fn without_a_folder_there_are_no_files() {
    assert!(fetch(&start().await, "GET /").await.starts_with("HTTP/1.1 404 "));
}
