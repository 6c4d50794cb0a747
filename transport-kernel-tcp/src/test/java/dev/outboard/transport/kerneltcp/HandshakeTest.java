package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.TransportException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who does not know the secret, or does not say so in time, is cut off, counted, and not heard. */
class HandshakeTest {
  private static final int PORT = 27_420;

  /** What a stranger does, and where it is counted. */
  enum Stranger {
    WRONG_SECRET("handshakes-wrong-proof") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.greet().say(peer.proof("fedcba9876543210"));
      }
    },
    REPLAYED_NONCE("handshakes-wrong-proof") {
      @Override
      void talk(RawPeer peer) throws Exception {
        try (RawPeer before = new RawPeer(PORT)) {
          before.shake();
          peer.greet().say(before.proof("0123456789abcdef"));
        }
      }
    },
    REFLECTED_CHALLENGE("handshakes-wrong-proof") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.greet().say(Arrays.copyOfRange(peer.challenge, 16, 48));
      }
    },
    GARBAGE("handshakes-garbage") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.say(
            "GET / HTTP/1.1\r\nHost: somewhere.example\r\nAccept: */*; and more of it\r\n"
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      }
    },
    OTHER_VERSION("handshakes-other-version") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.say(RawPeer.hello(2));
      }
    },
    OTHER_ADDRESS("handshakes-other-address") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.hello[19] = 9;
        peer.say(peer.hello);
      }
    },
    NO_ENDPOINT("handshakes-garbage") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.hello[14] = 5;
        peer.say(peer.hello);
      }
    },
    SILENCE("handshakes-too-slow") {
      @Override
      void talk(RawPeer peer) {}
    },
    SILENCE_BEHIND_HELLO("handshakes-too-slow") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.greet();
      }
    },
    A_BYTE_NOW_AND_THEN("handshakes-too-slow") {
      @Override
      void talk(RawPeer peer) throws Exception {
        for (int i = 0; i < 4; i++) {
          peer.say(new byte[] {peer.hello[i]});
          Thread.sleep(40);
        }
      }
    },
    TOO_LONG("handshakes-wrong-proof") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.say(Arrays.copyOf(peer.hello, 4096));
      }
    },
    HUNG_UP("handshakes-ended") {
      @Override
      void talk(RawPeer peer) throws Exception {
        peer.say(new byte[10]);
        peer.socket.shutdownOutput();
      }
    };

    final String counter;

    Stranger(String counter) {
      this.counter = counter;
    }

    abstract void talk(RawPeer peer) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  void aStrangerIsCutOffAndCounted(Stranger stranger) throws Exception {
    try (Sidecar sidecar = new Sidecar(PORT, "handshake-ms", "300");
        RawPeer peer = new RawPeer(PORT)) {
      stranger.talk(peer);
      assertTrue(peer.isCutOff());
      assertEquals(0, sidecar.receiveUntil(() -> sidecar.count(stranger.counter) == 1));
      assertEquals(Map.of(stranger.counter, 1L), sidecar.counts());
    }
  }

  @Test
  void onlySoManyShakeHandsAtATime() throws Exception {
    List<RawPeer> peers = new ArrayList<>();
    try (Sidecar sidecar = new Sidecar(PORT, "half-open", "4", "handshake-ms", "500")) {
      for (int i = 0; i < 10; i++) {
        peers.add(new RawPeer(PORT));
      }
      sidecar.receiveUntil(() -> sidecar.count("connections-refused-half-open") == 6);
      sidecar.receiveUntil(() -> sidecar.count("handshakes-too-slow") == 4);
      // There is room again.
      try (RawPeer good = new RawPeer(PORT)) {
        good.shake();
      }
    } finally {
      for (RawPeer peer : peers) {
        peer.close();
      }
    }
  }

  @Test
  void whoListensInPlaceOfThePeerGetsNoFrame() throws Exception {
    String other = SecretFile.of("another secret of 16").toString();
    try (Sidecar one = new Sidecar(PORT);
        Sidecar two = new Sidecar(PORT + 1, "secret-file", other)) {
      int hop = one.peer(PORT + 1).number();
      two.peer(PORT);
      two.receiveUntil(() -> two.count("handshakes-wrong-proof") > 0);
      long before = one.count("unreachable");
      one.add(hop, 1, 1, 100);
      one.receiveUntil(
          () -> {
            one.add(hop, 1, 1, 100);
            one.send();
            return one.count("unreachable") > before;
          });
      assertEquals(0, two.receive());
    }
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.CsvSource(
      delimiter = '|',
      value = {
        "secret-file  | /no/such    | secret-file: can't read '/no/such'",
        "address      | 127.0.0.1:9 | address: '127.0.0.1:9' has a port; write it as port:",
        "connections  | 65          | connections: 65 is not between 1 and 64",
      })
  void aUselessSettingIsRefusedByALine(String name, String value, String line) {
    TransportException error =
        assertThrows(TransportException.class, () -> new Sidecar(PORT, name, value));
    assertEquals(line, error.getMessage());
  }

  @Test
  void aSecretThatOthersCanReadOrThatIsShortIsRefused() throws Exception {
    var file = SecretFile.of("0123456789abcdef");
    java.nio.file.Files.setPosixFilePermissions(
        file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    TransportException open =
        assertThrows(TransportException.class, () -> Secret.read(file.toString()));
    assertTrue(open.getMessage().endsWith("chmod 600 it"), open.getMessage());
    String brief = SecretFile.of("0123456789\n").toString();
    TransportException few = assertThrows(TransportException.class, () -> Secret.read(brief));
    assertTrue(few.getMessage().contains("has 10 bytes, 16 are the least"), few.getMessage());
  }
}
