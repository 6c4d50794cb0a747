package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.ChainShape;
import dev.outboard.guest.Endpoint;
import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.guest.VirtioNet;
import dev.outboard.spi.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A network of MTU 1400 whose guests believe in 1500, because nobody could tell them. */
class MtuTest {
  private static final int MTU = 1400;
  private static final int HEADER = VirtioNet.HEADER_SIZE;
  private static final int IP = HEADER + Frames.ETHERNET_HEADER;
  private static final long SECOND = 1_000_000_000L;
  private static final int SHORT_NANOS = 100_000_000;

  private TestHost host;
  private VhostUserGuest a;
  private VhostUserGuest b;

  @BeforeEach
  void start() throws Exception {
    host = new TestHost();
    a =
        host.start(
            spec(1), GuestOptions.DEFAULT.withTx(ChainShape.SINGLE, GuestOptions.SUPER_BUFFER));
    b = host.start(spec(2), GuestOptions.DEFAULT);
  }

  @AfterEach
  void stop() throws IOException {
    host.close();
  }

  private GuestSpec spec(int n) throws IOException {
    GuestSpec spec = host.spec(n);
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        new MacAddress(endpoint(n).mac()),
        List.of(endpoint(n).address(), InetAddress.getByAddress(address6(n))),
        spec.socket(),
        MTU,
        spec.uplink(),
        true);
  }

  private static Endpoint endpoint(int n) {
    return TestHost.endpoint(n);
  }

  private static byte[] address4(int n) {
    return endpoint(n).address().getAddress();
  }

  private static byte[] address6(int n) {
    byte[] address = new byte[16];
    address[0] = (byte) 0xfd;
    address[15] = (byte) n;
    return address;
  }

  private static byte[] ipv4(int protocol, byte[] payload, boolean mayFragment) {
    byte[] packet = Frames.ipv4Packet(address4(1), address4(2), protocol, payload);
    ByteBuffer.wrap(packet).putShort(6, (short) (mayFragment ? 0 : 0x4000)).putShort(10, (short) 0);
    int sum = Frames.sum(packet, 0, 20, 0);
    ByteBuffer.wrap(packet).putShort(10, (short) ~sum);
    return Frames.ethernet(endpoint(2).mac(), endpoint(1).mac(), Frames.TYPE_IPV4, packet);
  }

  private static byte[] ipv6(int protocol, byte[] payload) {
    byte[] packet = Frames.ipv6Packet(address6(1), address6(2), protocol, 64, payload);
    return Frames.ethernet(endpoint(2).mac(), endpoint(1).mac(), Frames.TYPE_IPV6, packet);
  }

  @Test
  void aPacketOfTheMtuPassesAndIsNotAnswered() {
    assertTrue(a.sendFrame(ipv4(17, new byte[MTU - 20], false)));
    assertNotNull(b.receiveBytes(5 * SECOND));
    assertNull(a.receiveBytes(SHORT_NANOS));
  }

  @Test
  void aLargerPacketIsAnsweredByFragmentationNeeded() throws Exception {
    byte[] frame = ipv4(17, new byte[MTU - 20 + 40], false);
    assertTrue(a.sendFrame(frame));
    byte[] answer = a.receiveBytes(5 * SECOND);
    assertNotNull(answer);
    ByteBuffer icmp = ByteBuffer.wrap(answer);
    assertEquals(endpoint(1).mac(), icmp.getLong(HEADER) >>> 16);
    assertEquals(0xffff, Frames.sum(answer, IP, 20, 0));
    assertEquals(3 << 8 | 4, icmp.getShort(IP + 20));
    assertEquals(MTU, icmp.getInt(IP + 24));
    assertEquals(0xffff, Frames.sum(answer, IP + 20, answer.length - IP - 20, 0));
    byte[] quoted = Arrays.copyOfRange(answer, IP + 28, answer.length);
    assertEquals(28, quoted.length);
    assertEquals(ByteBuffer.wrap(frame, 14, 28), ByteBuffer.wrap(quoted));
    assertNull(b.receiveBytes(SHORT_NANOS));
    TestHost.await(() -> host.drops(1).getOrDefault("too-big", 0L) == 1);
  }

  @Test
  void aLargerPacketOfIpv6IsAnsweredByPacketTooBig() {
    byte[] frame = ipv6(17, new byte[MTU]);
    assertTrue(a.sendFrame(frame));
    byte[] answer = a.receiveBytes(5 * SECOND);
    assertNotNull(answer);
    ByteBuffer icmp = ByteBuffer.wrap(answer);
    assertEquals(2 << 8, icmp.getShort(IP + 40));
    assertEquals(MTU, icmp.getInt(IP + 44));
    byte[] body = Arrays.copyOfRange(answer, IP + 40, answer.length);
    assertEquals(0, Frames.transportChecksum(address6(2), address6(1), 58, body));
    assertEquals(
        ByteBuffer.wrap(frame, 14, 88), ByteBuffer.wrap(answer, IP + 48, answer.length - IP - 48));
  }

  @Test
  void aPacketThatMayBeFragmentedIsDroppedInSilence() throws Exception {
    assertTrue(a.sendFrame(ipv4(17, new byte[MTU], true)));
    TestHost.await(() -> host.drops(1).getOrDefault("too-big", 0L) == 1);
    assertNull(a.receiveBytes(SHORT_NANOS));
  }

  @Test
  void answersAreLimitedButEveryDropIsCounted() throws Exception {
    byte[] frame = ipv4(17, new byte[MTU], false);
    int sent = 0;
    int answers = 0;
    while (sent < 2000) {
      sent += a.sendFrame(frame) ? 1 : 0;
      answers += a.receiveBytes(0) != null ? 1 : 0;
    }
    TestHost.await(() -> host.drops(1).getOrDefault("too-big", 0L) == 2000);
    while (a.receiveBytes(SHORT_NANOS) != null) {
      answers++;
    }
    assertTrue(answers >= 100 && answers < 1900, answers + " answers");
  }

  @ParameterizedTest
  @CsvSource({"1360, false, true", "1361, true, true", "1340, false, false", "1341, true, false"})
  void aSuperFrameIsJudgedByItsSegments(int segment, boolean tooBig, boolean v4) throws Exception {
    byte[] tcp =
        v4
            ? Frames.tcp(address4(1), address4(2), 1, 2, 3, new byte[4 * segment])
            : Frames.tcp(address6(1), address6(2), 1, 2, 3, new byte[4 * segment]);
    byte[] frame = v4 ? ipv4(6, tcp, false) : ipv6(6, tcp);
    int transport = v4 ? 34 : 54;
    ByteBuffer bytes = ByteBuffer.allocate(HEADER + frame.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 1).put((byte) (v4 ? VirtioNet.GSO_TCPV4 : VirtioNet.GSO_TCPV6));
    bytes.putShort((short) (transport + 20)).putShort((short) segment);
    bytes.putShort((short) transport).putShort((short) 16).putShort((short) 0).put(frame);
    assertTrue(a.sendBytes(bytes.array()));
    TestHost.await(
        () ->
            tooBig
                ? host.drops(1).getOrDefault("too-big", 0L) == 1
                : host.counters(2).receivedFrames() == 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void aSynAnnouncesNoMoreThanFits(int paddingBefore) {
    byte[] segment = Frames.tcp(address4(1), address4(2), 1000, 80, 77, new byte[8]);
    ByteBuffer tcp = ByteBuffer.wrap(segment);
    tcp.put(12, (byte) 0x70).put(13, (byte) 2);
    for (int i = 0; i < 8; i++) {
      tcp.put(20 + i, (byte) 1);
    }
    tcp.put(20 + paddingBefore, (byte) 2).put(21 + paddingBefore, (byte) 4);
    tcp.putShort(22 + paddingBefore, (short) 1460).putShort(16, (short) 0);
    int checksum = Frames.transportChecksum(address4(1), address4(2), 6, segment);
    tcp.putShort(16, (short) checksum);
    assertTrue(a.sendFrame(ipv4(6, segment, false)));
    byte[] received = b.receiveBytes(5 * SECOND);
    assertNotNull(received);
    byte[] body = Arrays.copyOfRange(received, IP + 20, received.length);
    assertEquals(MTU - 40, ByteBuffer.wrap(body).getShort(22 + paddingBefore));
    assertEquals(0, Frames.transportChecksum(address4(1), address4(2), 6, body));
  }

  @Test
  void anAnnouncementThatFitsIsLeftAlone() {
    byte[] segment = Frames.tcp(address4(1), address4(2), 1000, 80, 77, new byte[4]);
    ByteBuffer tcp = ByteBuffer.wrap(segment);
    tcp.put(12, (byte) 0x60).put(13, (byte) 2);
    tcp.put(20, (byte) 2).put(21, (byte) 4).putShort(22, (short) 536);
    assertTrue(a.sendFrame(ipv4(6, segment, false)));
    byte[] received = b.receiveBytes(5 * SECOND);
    assertNotNull(received);
    assertEquals(536, ByteBuffer.wrap(received).getShort(IP + 42));
  }
}
