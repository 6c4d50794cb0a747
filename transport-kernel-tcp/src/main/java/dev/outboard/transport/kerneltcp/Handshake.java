package dev.outboard.transport.kerneltcp;

import dev.outboard.linux.Epoll;
import dev.outboard.linux.Errno;
import dev.outboard.linux.LinuxException;
import dev.outboard.linux.TcpSocket;
import dev.outboard.packet.peers.Endpoint;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

/**
 * What is said before any frame: each end proves that it knows the secret, for a nonce of its own
 * and one of the other's. The loop's. It ends exactly once, at the latest when its time is over;
 * until then the socket is its own.
 *
 * <pre>
 *   who has connected         who has accepted
 *   [TLS]             <-->     [TLS]               each shows its certificate
 *   hello (64)         -->
 *                      <--    challenge (48)
 *   proof (32)         -->                        over both
 *                      <--    proof (32)          over both, with another label
 * </pre>
 *
 * <p>Who has connected proves first: a stranger gets no proof to work on from who listens.
 */
final class Handshake {
  private static final byte CONNECTED = 1;
  private static final byte ACCEPTED = 2;

  /** Why it came to nothing. */
  enum Failure {
    GARBAGE,
    UNTRUSTED,
    OTHER_VERSION,
    OTHER_ADDRESS,
    WRONG_PROOF,
    TOO_SLOW,
    ENDED
  }

  /** What becomes of it. */
  interface Outcome {
    /** The peer that has connected has proved who it is; the answer is about to leave. */
    default void proved(Endpoint peer) {}

    /** Both have proved; the stream belongs to this. */
    void shaken(TrunkStream stream, Endpoint peer);

    /** The socket is closed. */
    void failed(Failure why, String words);
  }

  private interface Step {
    void read(byte[] message);
  }

  private final ControlLoop loop;
  private final TcpSettings settings;
  private final TcpSocket socket;
  private final TrunkStream stream;
  private final Outcome outcome;
  private final MemorySegment buffer = Arena.ofAuto().allocate(Greeting.HELLO);
  private byte[] hello;
  private byte[] challenge;
  private Endpoint peer;
  private int expected;
  private int got;
  private Step next;
  private boolean over;

  private Handshake(
      ControlLoop loop, TcpSettings settings, TcpSocket socket, Endpoint peer, Outcome outcome) {
    this.loop = loop;
    this.settings = settings;
    this.socket = socket;
    this.peer = peer;
    stream = settings.credentials() == null ? new PlainStream(socket) : tls(peer);
    this.outcome = outcome;
    long end = loop.nanoTime() + settings.handshakeMillis() * 1_000_000L;
    loop.executeAt(end, () -> fail(Failure.TOO_SLOW, "no answer in time"));
  }

  /** Begins with a connection that has come in. */
  static Handshake accept(
      ControlLoop loop, TcpSettings settings, TcpSocket socket, Outcome outcome) {
    Handshake handshake = new Handshake(loop, settings, socket, null, outcome);
    handshake.secure(() -> handshake.expect(Greeting.HELLO, handshake::onHello));
    return handshake;
  }

  /** Begins with a connection that is being made. */
  static Handshake connect(
      ControlLoop loop, TcpSettings settings, TcpSocket socket, Endpoint peer, Outcome outcome) {
    Handshake handshake = new Handshake(loop, settings, socket, peer, outcome);
    handshake.watch(Epoll.OUT, handshake::onConnected);
    return handshake;
  }

  private TlsStream tls(Endpoint connectedTo) {
    SSLEngine engine =
        connectedTo == null
            ? settings.credentials().engine(false, socket.peer(), 0)
            : settings.credentials().engine(true, connectedTo.address(), connectedTo.port());
    return new TlsStream(socket, engine);
  }

  /** Goes on when TLS stands, if there is any. */
  private void secure(Runnable then) {
    if (!(stream instanceof TlsStream tls)) {
      then.run();
      return;
    }
    try {
      switch (tls.shake()) {
        case WANTS_INPUT -> watch(Epoll.IN, () -> secure(then));
        case WANTS_ROOM -> watch(Epoll.OUT, () -> secure(then));
        case DONE -> {
          if (Credentials.isFor(tls.session(), socket.peer())) {
            if (peer != null) {
              settings.credentials().count(tls.session());
            }
            then.run();
          } else {
            fail(Failure.UNTRUSTED, "its certificate is not for the address that it has");
          }
        }
      }
    } catch (SSLHandshakeException e) {
      fail(Failure.UNTRUSTED, e.getMessage());
    } catch (SSLException e) {
      fail(tls.isHungUp() ? Failure.ENDED : Failure.GARBAGE, e.getMessage());
    }
  }

  private void watch(int events, Runnable ready) {
    try {
      loop.watch(socket.fd(), events, ready);
    } catch (LinuxException e) {
      fail(Failure.ENDED, e.getMessage());
    }
  }

  private void expect(int bytes, Step step) {
    expected = bytes;
    got = 0;
    next = step;
    watch(Epoll.IN, this::onReadable);
    if (stream.isBuffered()) {
      loop.execute(this::onReadable);
    }
  }

  private void onReadable() {
    if (over) {
      return;
    }
    long result = stream.receive(buffer, got, (long) expected - got);
    if (result == -Errno.EBADMSG) {
      fail(Failure.UNTRUSTED, stream.problem());
    } else if (result == -Errno.EAGAIN || result == -Errno.EINTR) {
      return;
    } else if (result <= 0) {
      fail(Failure.ENDED, result == 0 ? "it hung up" : Errno.describe((int) -result));
    } else {
      got += (int) result;
      if (got == expected) {
        next.read(buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  private boolean send(byte[] message) {
    MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, 0, message.length);
    // A socket that was never written to has room for it.
    if (stream.send(buffer, 0, message.length) == message.length) {
      return true;
    }
    fail(Failure.ENDED, "it hung up");
    return false;
  }

  private void onConnected() {
    int error = socket.error();
    if (error != 0) {
      fail(Failure.ENDED, Errno.describe(error));
      return;
    }
    secure(
        () -> {
          hello = Greeting.hello(settings.local());
          if (send(hello)) {
            expect(Greeting.CHALLENGE, this::onChallenge);
          }
        });
  }

  private void onHello(byte[] message) {
    hello = message;
    if (!isGood(message)) {
      return;
    }
    peer = Greeting.endpoint(message);
    if (peer == null) {
      fail(Failure.GARBAGE, "its hello names no endpoint");
    } else if (!peer.address().equals(socket.peer())) {
      fail(Failure.OTHER_ADDRESS, "it comes from another address than it says");
    } else {
      challenge = Greeting.challenge();
      if (send(challenge)) {
        expect(Secret.PROOF, message2 -> onProof(message2, CONNECTED));
      }
    }
  }

  private boolean isGood(byte[] greeting) {
    switch (Greeting.kindOf(greeting)) {
      case GOOD -> {
        return true;
      }
      case OTHER_VERSION -> fail(Failure.OTHER_VERSION, "it speaks another version");
      default -> fail(Failure.GARBAGE, "it is no sidecar");
    }
    return false;
  }

  private void onChallenge(byte[] message) {
    challenge = message;
    if (isGood(message) && send(settings.secret().proof(CONNECTED, hello, challenge))) {
      expect(Secret.PROOF, answer -> onProof(answer, ACCEPTED));
    }
  }

  private void onProof(byte[] message, byte label) {
    if (!settings.secret().isProof(message, label, hello, challenge)) {
      fail(Failure.WRONG_PROOF, "it does not know the secret");
    } else if (label == ACCEPTED) {
      finish();
    } else {
      outcome.proved(peer);
      if (send(settings.secret().proof(ACCEPTED, hello, challenge))) {
        finish();
      }
    }
  }

  private void finish() {
    end();
    try {
      socket.noDelay();
      socket.failAfter(settings.stallMillis());
    } catch (LinuxException e) {
      stream.close();
      outcome.failed(Failure.ENDED, e.getMessage());
      return;
    }
    outcome.shaken(stream, peer);
  }

  private void end() {
    over = true;
    loop.unwatch(socket.fd());
  }

  /** Gives it up, if it is not over. */
  void fail(Failure why, String words) {
    if (!over) {
      end();
      stream.close();
      outcome.failed(why, words);
    }
  }
}
