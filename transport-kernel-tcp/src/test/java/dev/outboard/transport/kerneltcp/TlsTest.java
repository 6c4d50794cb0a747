package dev.outboard.transport.kerneltcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.spi.TransportException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS protects from, and whom it lets in. */
class TlsTest {
  private static final int PORT = 27_480;
  private static final int RELAY = 27_489;

  static {
    // New keys each megabyte, so that tests see it; read when the first connection is made.
    Security.setProperty("jdk.tls.keyLimits", "AES/GCM/NoPadding KeyUpdate 2^20");
  }

  @TempDir private Path directory;

  private static Sidecar sidecar(boolean tls, int port, String... more) throws Exception {
    return tls ? Sidecar.withTls(port, more) : new Sidecar(port, more);
  }

  /** Sends a frame and takes it at the other end, where it is the only one. */
  private static void send(Sidecar from, Sidecar to, int hop, int length) {
    from.add(hop, 1, 0x41, length);
    while (from.port.transmit(from.sent, 0, 1) == 0) {
      from.port.arm();
    }
    from.sent.clear();
    take(from, to, 1);
  }

  private static void take(Sidecar from, Sidecar to, int frames) {
    long[] got = new long[1];
    from.receiveUntil(
        () -> {
          from.port.transmit(from.sent, 0, 0);
          got[0] += to.receive();
          to.port.release(to.received);
          to.port.arm();
          return got[0] == frames;
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoListensOnThePathReadsFramesWithoutTlsAlone(boolean tls) throws Exception {
    try (Sidecar one = sidecar(tls, PORT);
        Sidecar two = sidecar(tls, PORT + 1);
        Relay relay = new Relay(RELAY, PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(RELAY).number();
      send(one, two, hop, 1000);
      assertEquals(!tls, relay.heard().contains("A".repeat(900)));
      assertEquals(Map.of(), two.counts());
    }
  }

  @Test
  void whatIsAlteredOnThePathNeverBecomesAFrame() throws Exception {
    try (Sidecar one = Sidecar.withTls(PORT, "connections", "1");
        Sidecar two = Sidecar.withTls(PORT + 1);
        Relay relay = new Relay(RELAY, PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(RELAY).number();
      send(one, two, hop, 1000);
      relay.alter();
      one.add(hop, 1, 0x41, 1000);
      assertEquals(1, one.send());
      assertEquals(0, two.receiveUntil(() -> two.count("connections-cut-broken") == 1));
      one.receiveUntil(() -> one.count("lost-in-flight") > 0);
    }
  }

  @Test
  void anEndThatThePeerDidNotAnnounceIsCountedAsABreak() throws Exception {
    try (Sidecar one = Sidecar.withTls(PORT, "connections", "1", "spare", "0");
        Sidecar two = Sidecar.withTls(PORT + 1);
        Relay relay = new Relay(RELAY, PORT + 1)) {
      two.peer(PORT);
      send(one, two, one.peer(RELAY).number(), 1000);
      assertEquals(Map.of(), two.counts());
      relay.cut();
      two.receiveUntil(() -> two.count("connections-cut-broken") > 0);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatAPeerSendsByEndsInGoodOrderWhenItIsClosed(boolean tls) throws Exception {
    try (Sidecar two = sidecar(tls, PORT + 1, "connections", "1")) {
      try (Sidecar one = sidecar(tls, PORT)) {
        two.peer(PORT);
        send(one, two, one.peer(PORT + 1).number(), 1000);
      }
      long deadline = System.nanoTime() + 300_000_000;
      two.receiveUntil(() -> System.nanoTime() > deadline);
      // The one by which it sends itself.
      assertEquals(1, two.count("connections-cut-broken"));
      assertEquals(0, two.count("connections-cut-truncated"));
    }
  }

  @Test
  void manyFramesGoThroughManyKeys() throws Exception {
    try (Sidecar one = Sidecar.withTls(PORT, "connections", "1");
        Sidecar two = Sidecar.withTls(PORT + 1)) {
      two.peer(PORT);
      int hop = one.peer(PORT + 1).number();
      int got = 0;
      for (int number = 0; got < 400; ) {
        if (number < 400) {
          one.add(hop, 1, number, 65_553);
          number += one.send();
        }
        int count = two.receive();
        for (int i = 0; i < count; i++) {
          assertEquals(got++, two.number(i, 0));
        }
        two.port.release(two.received);
        two.port.arm();
        one.port.arm();
      }
      assertEquals(Map.of(), one.counts());
      assertEquals(Map.of(), two.counts());
    }
  }

  @Test
  void aPeerThatWasThereBeforeIsTakenAtItsWordForAnOldSession() throws Exception {
    try (Sidecar one = Sidecar.withTls(PORT, "connections", "1", "spare", "0");
        Sidecar two = Sidecar.withTls(PORT + 1)) {
      two.peer(PORT);
      for (int i = 0; i < 3; i++) {
        try (var hop = one.peer(PORT + 1)) {
          send(one, two, hop.number(), 100);
        }
      }
      assertEquals(1, one.count("tls-handshakes-full"));
      assertEquals(2, one.count("tls-handshakes-resumed"));
    }
  }

  /** Whom nobody should believe. */
  enum Impostor {
    OF_ANOTHER_AUTHORITY {
      @Override
      Certificates certificates(Certificates.Authority ours) {
        Certificates foreign = new Certificates.Authority().certify("IP:127.0.0.1");
        return new Certificates(foreign.certificate(), foreign.privateKey(), ours.certificate());
      }
    },
    AT_ANOTHER_ADDRESS {
      @Override
      Certificates certificates(Certificates.Authority ours) {
        return ours.certify("IP:127.0.0.2,DNS:localhost");
      }
    };

    abstract Certificates certificates(Certificates.Authority ours);
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.EnumSource
  void anImpostorIsHeardByNobodyAndHearsNothing(Impostor impostor) throws Exception {
    Certificates.Authority ours = new Certificates.Authority();
    Certificates theirs = impostor.certificates(ours);
    String here = impostor == Impostor.AT_ANOTHER_ADDRESS ? "127.0.0.2" : "127.0.0.1";
    try (Sidecar good = Sidecar.withTls(ours.certify("IP:127.0.0.1"), PORT);
        Sidecar bad = Sidecar.withTls(theirs, PORT + 1, "address", here)) {
      // A liar's certificate is right for where it says it listens, and wrong for where it is.
      good.peer(PORT + 1);
      if (impostor == Impostor.OF_ANOTHER_AUTHORITY) {
        bad.peer(PORT);
        good.receiveUntil(() -> good.count("handshakes-untrusted") > 0);
        assertEquals(0, good.connected() + bad.connected());
      } else {
        try (Relay relay = new Relay(RELAY, PORT)) {
          bad.transport.openPeer(Sidecar.NETWORK, "127.0.0.1:" + RELAY);
          good.receiveUntil(() -> good.count("handshakes-untrusted") > 0);
          assertTrue(relay.heard().length() > 0);
        }
        assertEquals(0, bad.connected());
      }
      assertEquals(0, bad.receive());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endsThatDontAgreeOnTlsPartAndSayWhy(boolean listenerHasIt) throws Exception {
    try (Sidecar one = sidecar(!listenerHasIt, PORT);
        Sidecar two = sidecar(listenerHasIt, PORT + 1, "handshake-ms", "500")) {
      one.peer(PORT + 1);
      two.receiveUntil(
          () -> two.count("handshakes-garbage") + two.count("handshakes-too-slow") > 0);
      assertEquals(0, one.connected());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // What OpenSSL's client is told, whether it gets through TLS, where it is counted.
        "-tls1_3 with     | true  | handshakes-garbage",
        "-tls1_3 without  | false | handshakes-untrusted",
        "-tls1_2 with     | false | handshakes-untrusted",
      })
  void anotherImplementationIsLetInWithACertificateAndTheRightVersionOnly(
      String options, boolean letIn, String counter) throws Exception {
    Certificates own = Certificates.ofLoopback();
    List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-quiet"));
    command.addAll(List.of("-connect", "127.0.0.1:" + PORT, "-CAfile", own.authority().toString()));
    command.addAll(List.of("-verify_return_error", options.substring(0, "-tls1_3".length())));
    if (options.endsWith("with")) {
      command.addAll(List.of("-cert", own.certificate().toString()));
      command.addAll(List.of("-key", own.privateKey().toString()));
    }
    try (Sidecar sidecar = Sidecar.withTls(PORT)) {
      Process client = new ProcessBuilder(command).redirectErrorStream(true).start();
      client.getOutputStream().write("x".repeat(64).getBytes(StandardCharsets.US_ASCII));
      client.getOutputStream().flush();
      sidecar.receiveUntil(() -> sidecar.count(counter) == 1);
      assertEquals(Map.of(counter, 1L), sidecar.counts(), letIn ? "let in" : "kept out");
      assertTrue(client.waitFor(20, TimeUnit.SECONDS));
    }
  }

  @Test
  void aSecretIsAskedForBesidesIfThereIsOne() throws Exception {
    String other = SecretFile.of("another secret of 16").toString();
    try (Sidecar one = Sidecar.withTls(PORT, "secret-file", Sidecar.SECRET);
        Sidecar two = Sidecar.withTls(PORT + 1, "secret-file", other)) {
      one.peer(PORT + 1);
      two.receiveUntil(() -> two.count("handshakes-wrong-proof") > 0);
      assertEquals(0, one.connected());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rsa:2048", "ed25519"})
  void keysOfOtherKindsWillDo(String kind) throws Exception {
    Certificates.Authority authority = new Certificates.Authority();
    try (Sidecar one = Sidecar.withTls(authority.certify("IP:127.0.0.1", kind), PORT);
        Sidecar two = Sidecar.withTls(authority.certify("IP:127.0.0.1", kind), PORT + 1)) {
      two.peer(PORT);
      send(one, two, one.peer(PORT + 1).number(), 1000);
    }
  }

  private static String refusal(Certificates certificates, String... changed) {
    return assertThrows(
            TransportException.class, () -> Sidecar.withTls(certificates, PORT, changed))
        .getMessage();
  }

  @Test
  void filesThatWontDoAreRefusedByALine() throws Exception {
    Certificates.Authority authority = new Certificates.Authority();
    Certificates good = authority.certify("IP:127.0.0.1");
    Certificates elsewhere = authority.certify("IP:127.0.0.9");
    Path noKey = Files.writeString(directory.resolve("no-key"), "nothing\n");
    Files.setPosixFilePermissions(
        noKey, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
    assertEquals(
        "certificate is missing: a PEM file, which tls: on needs",
        refusal(good, "certificate", ""));
    assertEquals(
        "authorities: /no/such is no file of 1048576 bytes at most",
        refusal(good, "authorities", "/no/such"));
    assertEquals(
        "authorities: %s holds something else than certificates (PEM)".formatted(noKey),
        refusal(good, "authorities", noKey.toString()));
    assertEquals(
        "private-key: %s has no plain PKCS#8 key (BEGIN PRIVATE KEY); openssl pkcs8 -topk8 -nocrypt"
            .formatted(noKey),
        refusal(good, "private-key", noKey.toString()));
    assertEquals(
        "private-key: %s is not that of the certificate".formatted(elsewhere.privateKey()),
        refusal(good, "private-key", elsewhere.privateKey().toString()));
    assertEquals(
        "certificate: %s does not name 127.0.0.1 as an IP address of its subject (subjectAltName)"
            .formatted(elsewhere.certificate()),
        refusal(elsewhere));
    Files.setPosixFilePermissions(
        good.privateKey(), java.nio.file.attribute.PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals(
        "private-key: others may read or change %s; chmod 600 it".formatted(good.privateKey()),
        refusal(good));
    assertEquals("certificate is of use with tls: on only", refusal(elsewhere, "tls", "off"));
    assertEquals("tls: 'maybe' is unknown; known: on, off", refusal(elsewhere, "tls", "maybe"));
  }
}
