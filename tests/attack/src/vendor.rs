//! Vendors that misbehave. They run in processes of their own threads only, so what they hold is little.

use std::io;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Reads requests, and never responds.
pub(crate) fn silent() -> io::Result<String> {
    serve(async |mut stream| {
        let mut read = vec![0; 64 << 10];
        while stream.read(&mut read).await? > 0 {}
        Ok(())
    })
}

/// Responds to a request for `/N` with so many bytes, to one for `/slow` after a moment.
pub(crate) fn answering() -> io::Result<String> {
    serve(async |mut stream| {
        while let Some(head) = head(&mut stream).await? {
            let path = head
                .split(' ')
                .nth(1)
                .unwrap_or_default()
                .trim_start_matches('/')
                .to_owned();
            if path == "slow" {
                tokio::time::sleep(std::time::Duration::from_secs(3)).await;
            }
            let mut left: usize = path.parse().unwrap_or(0);
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {left}\r\n\r\n");
            stream.write_all(head.as_bytes()).await?;
            let piece = [b'x'; 16 << 10];
            while left > 0 {
                let next = left.min(piece.len());
                stream.write_all(&piece[..next]).await?;
                left -= next;
            }
        }
        Ok(())
    })
}

/// Responds with interim responses, without end.
pub(crate) fn interim() -> io::Result<String> {
    serve(async |mut stream| {
        head(&mut stream).await?;
        let many = "HTTP/1.1 102 Processing\r\n\r\n".repeat(500);
        loop {
            stream.write_all(many.as_bytes()).await?;
        }
    })
}

fn serve<F>(connection: F) -> io::Result<String>
where
    F: AsyncFn(TcpStream) -> io::Result<()> + Send + 'static,
{
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?.to_string();
    // A thread of its own, so that it takes no time from the host's.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        tokio::task::LocalSet::new().block_on(&runtime, accept(listener, connection))
    });
    Ok(address)
}

async fn accept<F>(listener: std::net::TcpListener, connection: F) -> io::Result<()>
where
    F: AsyncFn(TcpStream) -> io::Result<()> + 'static,
{
    let listener = TcpListener::from_std(listener)?;
    let connection = Rc::new(connection);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let connection = connection.clone();
        // The host may close it at any time.
        tokio::task::spawn_local(async move { connection(stream).await.ok() });
    }
}

/// The head of the next request, up to its body.
async fn head(stream: &mut TcpStream) -> io::Result<Option<String>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    // The bodies that are sent here end with an empty chunk.
    if head.windows(7).any(|part| part.eq_ignore_ascii_case(b"chunked")) {
        let mut end = [0; 5];
        stream.read_exact(&mut end).await?;
    }
    Ok(Some(String::from_utf8_lossy(&head).into_owned()))
}
