package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.testing.LongTier;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What somebody sends who knows the secret and keeps no rule: counted, cut off, never yielded. */
class ForgedStreamTest {
  private static final int PORT = 27_430;

  /** Bytes behind a handshake; whether they end the connection, and where they are counted. */
  @SuppressWarnings("ImmutableEnumChecker") // Nobody writes into the bytes.
  enum Forged {
    TOO_LONG("connections-cut-garbage", true, RawPeer.frame(65_554, 7, 1, 0, 0, 64)),
    NEGATIVE_LENGTH("connections-cut-garbage", true, RawPeer.frame(-1, 7, 1, 0, 0, 64)),
    LONGEST_LENGTH(
        "connections-cut-garbage", true, RawPeer.frame(Integer.MAX_VALUE, 7, 1, 0, 0, 64)),
    TOO_SHORT("connections-cut-garbage", true, RawPeer.frame(13, 7, 1, 0, 0, 13)),
    EMPTY("connections-cut-garbage", true, RawPeer.frame(0, 7, 1, 0, 0, 0)),
    OTHER_TYPE("connections-cut-garbage", true, RawPeer.frame(60, 7, 2, 0, 0, 60)),
    NO_ZERO("connections-cut-garbage", true, RawPeer.frame(60, 7, 1, 0, 1L << 16, 60)),
    ENDS_WITHIN("connections-cut-truncated", true, RawPeer.frame(60, 7, 1, 0, 0, 10)),
    OTHER_NETWORK("not-a-peer", false, RawPeer.frame(60, 8, 1, 0, 0, 60)),
    UNKNOWN_FLAG("bad-offload", false, RawPeer.frame(60, 7, 1, 2, 0, 60)),
    UNKNOWN_KIND("bad-offload", false, RawPeer.frame(60, 7, 1, 34L << 48 | 9 << 8 | 1, 16, 60)),
    NO_SEGMENT_SIZE("bad-offload", false, RawPeer.frame(60, 7, 1, 34L << 48 | 1 << 8 | 1, 16, 60)),
    CHECKSUM_BEHIND_END("bad-offload", false, RawPeer.frame(60, 7, 1, 50L << 48 | 1, 16, 60)),
    CHECKSUM_IN_ETHERNET("bad-offload", false, RawPeer.frame(60, 7, 1, 2L << 48 | 1, 16, 60)),
    OFFSET_WITHOUT_FLAG("bad-offload", false, RawPeer.frame(60, 7, 1, 0, 16, 60));

    final String counter;
    final boolean cuts;
    final byte[] bytes;

    Forged(String counter, boolean cuts, byte[] bytes) {
      this.counter = counter;
      this.cuts = cuts;
      this.bytes = bytes;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsForgedIsCountedAndNeverYielded(Forged forged) throws Exception {
    try (Sidecar sidecar = new Sidecar(PORT);
        RawPeer peer = new RawPeer(PORT)) {
      sidecar.peer(RawPeer.PORT);
      peer.shake().say(forged.bytes);
      if (forged == Forged.ENDS_WITHIN) {
        peer.socket.shutdownOutput();
      }
      assertEquals(0, sidecar.receiveUntil(() -> sidecar.count(forged.counter) == 1));
      if (forged.cuts) {
        assertTrue(peer.isCutOff());
      } else {
        peer.say(RawPeer.frame(60));
        assertEquals(1, receiveSome(sidecar, 1));
      }
    }
  }

  @Test
  void aFrameThatDoesNotGoOnIsCutOff() throws Exception {
    try (Sidecar sidecar = new Sidecar(PORT, "stall-ms", "200");
        RawPeer peer = new RawPeer(PORT)) {
      sidecar.peer(RawPeer.PORT);
      peer.shake().say(RawPeer.frame(60)).say(RawPeer.frame(1000, 7, 1, 0, 0, 10));
      assertEquals(1, sidecar.receiveUntil(() -> sidecar.count("connections-cut-stalled") == 1));
      assertTrue(peer.isCutOff());
    }
  }

  @Test
  void aFrameMayComeInSinglePieces() throws Exception {
    try (Sidecar sidecar = new Sidecar(PORT);
        RawPeer peer = new RawPeer(PORT)) {
      sidecar.peer(RawPeer.PORT);
      peer.shake();
      for (byte each : RawPeer.frame(60)) {
        peer.say(new byte[] {each});
        assertTrue(sidecar.receive() <= 1);
        sidecar.port.release(sidecar.received);
      }
      peer.say(RawPeer.frame(61));
      sidecar.receiveUntil(() -> peerWasAnswered(peer));
      assertEquals(0, sidecar.count("connections-cut-garbage"));
    }
  }

  private static boolean peerWasAnswered(RawPeer peer) {
    try {
      return peer.socket.getInputStream().available() >= 16;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void randomStreamsHarmNobodyElse() throws Exception {
    fuzz(200, 20_261_130);
  }

  @LongTier("tcp-fuzz")
  void manyRandomStreamsHarmNobodyElse() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    fuzz(20_000, seed);
  }

  private static void fuzz(int rounds, long seed) throws Exception {
    Random random = new Random(seed);
    try (Sidecar sidecar = new Sidecar(PORT)) {
      sidecar.peer(RawPeer.PORT);
      for (int round = 0; round < rounds; round++) {
        try (RawPeer peer = new RawPeer(PORT)) {
          fuzz(peer, random);
        } catch (IOException e) {
          // It was cut off while it spoke.
        }
        sidecar.receive();
        sidecar.port.release(sidecar.received);
        sidecar.port.arm();
      }
      try (RawPeer peer = new RawPeer(PORT)) {
        peer.shake().say(RawPeer.frame(60));
        assertTrue(receiveSome(sidecar, 1) >= 1);
      }
    }
  }

  private static void fuzz(RawPeer peer, Random random) throws IOException {
    if (random.nextInt(4) == 0) {
      byte[] hello = peer.hello.clone();
      hello[random.nextInt(hello.length)] ^= (byte) (1 << random.nextInt(8));
      peer.say(hello);
      return;
    }
    peer.shake();
    for (int i = random.nextInt(5); i > 0; i--) {
      byte[] frame = RawPeer.frame(14 + random.nextInt(3000));
      if (random.nextInt(2) == 0) {
        frame[random.nextInt(24)] ^= (byte) (1 << random.nextInt(8));
      }
      peer.say(frame);
    }
  }

  private static long receiveSome(Sidecar sidecar, int frames) {
    long[] all = new long[1];
    sidecar.receiveUntil(
        () -> {
          all[0] += sidecar.receive();
          sidecar.port.release(sidecar.received);
          return all[0] >= frames;
        });
    return all[0];
  }
}
