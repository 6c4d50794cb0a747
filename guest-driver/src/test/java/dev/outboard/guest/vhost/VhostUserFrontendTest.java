package dev.outboard.guest.vhost;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.linux.EventFd;
import dev.outboard.linux.FileDescriptors;
import dev.outboard.linux.UnixSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The bytes of each request and what the frontend makes of the answers. The expected bytes are
 * written out from the specification, little-endian: header words request, flags, size, then
 * payload.
 */
class VhostUserFrontendTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final HexFormat HEX = HexFormat.of();

  private VhostUserChannel backend;
  private VhostUserFrontend frontend;
  private int eventFd;

  @BeforeEach
  void connect() throws Exception {
    int[] pair = UnixSocket.pair();
    backend = new VhostUserChannel(pair[0], PATIENCE);
    frontend = new VhostUserFrontend(new VhostUserChannel(pair[1], PATIENCE));
    eventFd = EventFd.create();
  }

  @AfterEach
  void close() {
    backend.close();
    frontend.close();
    FileDescriptors.close(eventFd);
  }

  private interface Call {
    Object on(VhostUserFrontend frontend, int fd) throws IOException;
  }

  /** A request without answer of its own. */
  private interface Order {
    void on(VhostUserFrontend frontend, int fd) throws IOException;
  }

  private record Row(String name, String bytes, int fds, String answer, Object result, Call call) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row order(String name, String bytes, int fds, Order order) {
    return new Row(
        name,
        bytes,
        fds,
        null,
        null,
        (frontend, fd) -> {
          order.on(frontend, fd);
          return null;
        });
  }

  private static Row question(String name, String bytes, String answer, Object result, Call call) {
    return new Row(name, bytes, 0, answer, result, call);
  }

  private static final MemoryRegion REGION =
      new MemoryRegion(0x1_4000_0000L, 0x20_0000L, 0x7e12_0000_0000L, 0x1000L, 0);

  private static MemoryRegion region(int fd) {
    return new MemoryRegion(
        REGION.guestAddress(), REGION.size(), REGION.userAddress(), REGION.fileOffset(), fd);
  }

  private static final String REGION_BYTES =
      "0000004001000000" + "0000200000000000" + "00000000127e0000" + "0010000000000000";

  static Stream<Row> rows() {
    return Stream.of(
        question(
            "GET_FEATURES",
            "01000000 01000000 00000000",
            "0500000001000000",
            0x1_0000_0005L,
            (f, _) -> f.getFeatures()),
        order(
            "SET_FEATURES",
            "02000000 01000000 08000000 0080004001000000",
            0,
            (f, _) -> f.setFeatures(0x1_4000_8000L)),
        order("SET_OWNER", "03000000 01000000 00000000", 0, (f, _) -> f.setOwner()),
        order("RESET_OWNER", "04000000 01000000 00000000", 0, (f, _) -> f.resetOwner()),
        order(
            "SET_MEM_TABLE",
            "05000000 01000000 28000000 0100000000000000" + REGION_BYTES,
            1,
            (f, fd) -> f.setMemTable(List.of(region(fd)))),
        order(
            "SET_MEM_TABLE of two",
            "05000000 01000000 48000000 0200000000000000" + REGION_BYTES + REGION_BYTES,
            2,
            (f, fd) -> f.setMemTable(List.of(region(fd), region(fd)))),
        order(
            "SET_VRING_NUM",
            "08000000 01000000 08000000 01000000 00010000",
            0,
            (f, _) -> f.setVringNum(1, 256)),
        order(
            "SET_VRING_ADDR",
            "09000000 01000000 28000000 01000000 00000000"
                + "0010000000000000 0030000000000000 0020000000000000 0000000000000000",
            0,
            (f, _) -> f.setVringAddr(1, 0x1000, 0x3000, 0x2000)),
        order(
            "SET_VRING_BASE",
            "0a000000 01000000 08000000 00000000 39300000",
            0,
            (f, _) -> f.setVringBase(0, 12345)),
        question(
            "GET_VRING_BASE",
            "0b000000 01000000 08000000 01000000 00000000",
            "0100000039300000",
            12345,
            (f, _) -> f.getVringBase(1)),
        order(
            "SET_VRING_KICK",
            "0c000000 01000000 08000000 0100000000000000",
            1,
            (f, fd) -> f.setVringKick(1, fd)),
        order(
            "SET_VRING_KICK without",
            "0c000000 01000000 08000000 0101000000000000",
            0,
            (f, _) -> f.setVringKick(1, -1)),
        order(
            "SET_VRING_CALL",
            "0d000000 01000000 08000000 0000000000000000",
            1,
            (f, fd) -> f.setVringCall(0, fd)),
        order(
            "SET_VRING_ERR",
            "0e000000 01000000 08000000 0001000000000000",
            0,
            (f, _) -> f.setVringErr(0, -1)),
        question(
            "GET_PROTOCOL_FEATURES",
            "0f000000 01000000 00000000",
            "0b00000000000000",
            0xbL,
            (f, _) -> f.getProtocolFeatures()),
        order(
            "SET_PROTOCOL_FEATURES",
            "10000000 01000000 08000000 0900000000000000",
            0,
            (f, _) -> f.setProtocolFeatures(9)),
        question(
            "GET_QUEUE_NUM",
            "11000000 01000000 00000000",
            "0200000000000000",
            2L,
            (f, _) -> f.getQueueNum()),
        order(
            "SET_VRING_ENABLE",
            "12000000 01000000 08000000 01000000 01000000",
            0,
            (f, _) -> f.setVringEnable(1, true)),
        order(
            "SEND_RARP",
            "13000000 01000000 08000000 5254000000010000",
            0,
            (f, _) -> f.sendRarp(0x5254_0000_0001L)),
        order(
            "NET_SET_MTU",
            "14000000 01000000 08000000 dc05000000000000",
            0,
            (f, _) -> f.netSetMtu(1500)),
        order(
            "SET_BACKEND_REQ_FD",
            "15000000 01000000 00000000",
            1,
            (f, fd) -> f.setBackendReqFd(fd)),
        question(
            "GET_CONFIG",
            "18000000 01000000 12000000 00000000 06000000 00000000 000000000000",
            "00000000 06000000 00000000 525400000001",
            HEX.parseHex("525400000001"),
            (f, _) -> f.getConfig(0, 6)),
        order(
            "SET_CONFIG",
            "19000000 01000000 0e000000 06000000 02000000 00000000 0100",
            0,
            (f, _) -> f.setConfig(6, new byte[] {1, 0})),
        order(
            "SET_INFLIGHT_FD",
            "20000000 01000000 18000000 0010000000000000 0020000000000000 0200 0001 00000000",
            1,
            (f, fd) -> f.setInflightFd(0x1000, 0x2000, 2, 256, fd)),
        order("RESET_DEVICE", "22000000 01000000 00000000", 0, (f, _) -> f.resetDevice()),
        question(
            "GET_MAX_MEM_SLOTS",
            "24000000 01000000 00000000",
            "4000000000000000",
            64L,
            (f, _) -> f.getMaxMemSlots()),
        order(
            "ADD_MEM_REG",
            "25000000 01000000 28000000 0000000000000000" + REGION_BYTES,
            1,
            (f, fd) -> f.addMemReg(region(fd))),
        order(
            "REM_MEM_REG",
            "26000000 01000000 28000000 0000000000000000" + REGION_BYTES,
            0,
            (f, fd) -> f.remMemReg(region(fd))),
        order(
            "SET_STATUS",
            "27000000 01000000 08000000 0f00000000000000",
            0,
            (f, _) -> f.setStatus(15)),
        question(
            "GET_STATUS",
            "28000000 01000000 00000000",
            "0f00000000000000",
            15L,
            (f, _) -> f.getStatus()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void requestHasTheBytesOfTheSpecification(Row row) throws Exception {
    CompletableFuture<Object> call = start(row);
    VhostUserMessage message = backend.receive();
    assertEquals(HEX.formatHex(bytes(row.bytes())), HEX.formatHex(toBytes(message)));
    assertEquals(row.fds(), message.fds().length);
    Arrays.stream(message.fds()).forEach(FileDescriptors::close);
    if (row.answer() != null) {
      reply(message, bytes(row.answer()));
    }
    Object result = call.get();
    if (row.result() instanceof byte[] expected) {
      assertArrayEquals(expected, (byte[]) result);
    } else {
      assertEquals(row.result(), result);
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void orderWaitsForItsAcknowledgement(Row row) throws Exception {
    frontend.requireReplies(true);
    CompletableFuture<Object> call = start(row);
    VhostUserMessage message = backend.receive();
    Arrays.stream(message.fds()).forEach(FileDescriptors::close);
    if (row.answer() != null) {
      assertEquals(1, message.flags());
      reply(message, bytes(row.answer()));
      Object _ = call.get();
      return;
    }
    assertEquals(1 | VhostUserMessage.NEED_REPLY, message.flags());
    reply(message, bytes("0100000000000000"));
    Exception refused = assertThrows(Exception.class, call::get);
    assertTrue(refused.getMessage().contains("refused"), refused.getMessage());
  }

  @Test
  void wrongAnswersAreFound() throws Exception {
    assertWrong("0100000005000000080000000500000000000000", false);
    assertWrong("0f00000005000000080000000500000000000000", true);
    assertWrong("0100000001000000080000000500000000000000", true);
    assertWrong("01000000050000000400000005000000", true);
  }

  private void assertWrong(String answer, boolean wrong) throws Exception {
    CompletableFuture<Object> call = start(rows().findFirst().orElseThrow());
    VhostUserMessage _ = backend.receive();
    backend.sendRaw(HEX.parseHex(answer));
    if (wrong) {
      assertThrows(Exception.class, call::get, answer);
    } else {
      assertEquals(5L, call.get());
    }
  }

  @Test
  void closedConnectionIsNoticed() {
    backend.close();
    assertThrows(IOException.class, () -> frontend.getFeatures());
    assertTrue(frontend.channel().awaitClose());
  }

  @Test
  void bothSocketRolesMeet(@TempDir Path directory) throws Exception {
    Path path = directory.resolve("vhost.sock");
    CompletableFuture<VhostUserChannel> server =
        CompletableFuture.supplyAsync(
            () -> unchecked(() -> VhostUserChannel.accept(path, PATIENCE)));
    try (VhostUserFrontend client = VhostUserFrontend.connect(path, PATIENCE);
        VhostUserChannel accepted = server.get()) {
      client.setOwner();
      assertEquals(VhostUserRequest.SET_OWNER.number(), accepted.receive().request());
    }
  }

  private CompletableFuture<Object> start(Row row) {
    return CompletableFuture.supplyAsync(() -> unchecked(() -> row.call().on(frontend, eventFd)));
  }

  private interface Task<T> {
    T run() throws IOException;
  }

  private static <T> T unchecked(Task<T> task) {
    try {
      return task.run();
    } catch (IOException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  private void reply(VhostUserMessage message, byte[] payload) throws IOException {
    backend.sendRaw(
        VhostUserMessage.bytes(
            message.request(),
            VhostUserMessage.VERSION | VhostUserMessage.REPLY,
            payload.length,
            payload));
  }

  private static byte[] toBytes(VhostUserMessage message) {
    ByteBuffer payload = message.payload();
    ByteBuffer out = ByteBuffer.allocate(12 + payload.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(message.request()).putInt(message.flags()).putInt(payload.remaining());
    return out.put(payload).array();
  }

  private static byte[] bytes(String hex) {
    return HEX.parseHex(hex.replace(" ", ""));
  }
}
