package dev.outboard.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.outboard.guest.Frames;
import dev.outboard.guest.GuestOptions;
import dev.outboard.guest.VhostUserGuest;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.Availability;
import dev.outboard.spi.Capabilities;
import dev.outboard.spi.FrameBurst;
import dev.outboard.spi.GuestPort;
import dev.outboard.spi.PortHandOver;
import dev.outboard.spi.PortSpec;
import dev.outboard.spi.PortState;
import dev.outboard.spi.ReceiveSpace;
import dev.outboard.spi.Setting;
import dev.outboard.spi.Transport;
import dev.outboard.spi.TransportContext;
import dev.outboard.spi.TransportException;
import dev.outboard.spi.TransportProvider;
import dev.outboard.spi.WorkerContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A port whose calls throw, or give nonsense, fails with a line; its worker, its guests and all
 * other uplinks go on, and the uplink can be closed and opened anew.
 */
final class BrokenPortTest {
  private static final long PATIENCE = 20_000_000_000L;

  private static Supplier<Object> throwing(RuntimeException e) {
    return () -> {
      throw e;
    };
  }

  private static Supplier<Object> failing(Error e) {
    return () -> {
      throw e;
    };
  }

  static Stream<Arguments> sharedPorts() {
    Supplier<Object> exception = throwing(new IllegalStateException("a bug\nand more"));
    return Stream.of(
        Arguments.of("bind", exception, "bind() threw java.lang.IllegalStateException: a bug"),
        Arguments.of("transmit", exception, "transmit() threw java.lang.IllegalState"),
        Arguments.of("transmit", failing(new NoClassDefFoundError("x")), "transmit() threw java"),
        Arguments.of("transmit", failing(new InternalError("no fault")), "it threw java.lang.Int"),
        Arguments.of("transmit", answer(99), "transmit() accepted 99 of "),
        Arguments.of("transmit", answer(-1), "transmit() accepted -1 of "),
        Arguments.of("flush", exception, "flush() threw java.lang.IllegalStateException"),
        Arguments.of("receive", exception, "receive() threw java.lang.IllegalStateException"),
        Arguments.of("receive", failing(new StackOverflowError()), "receive() threw java.lang.St"),
        Arguments.of("receive", answer(3), "receive() gave 3, not the frames it added, 0"),
        Arguments.of("release", exception, "release() threw java.lang.IllegalStateException"),
        Arguments.of("arm", exception, "arm() threw java.lang.IllegalStateException"),
        Arguments.of("reclaim", exception, "reclaim() threw java.lang.IllegalStateException"),
        Arguments.of("reclaim", answer(1000), "reclaim() gave 1000 tokens of "));
  }

  private static Supplier<Object> answer(int value) {
    return () -> value;
  }

  private static byte[] plain(int from, int to) {
    return Frames.ethernet(
        TestHost.endpoint(to).mac(),
        TestHost.endpoint(from).mac(),
        Frames.TYPE_TEST,
        new byte[400]);
  }

  private static VhostUserGuest start(TestHost host, int n) throws Exception {
    return host.start(TwoHosts.guest(host, n), GuestOptions.DEFAULT);
  }

  /** Sends again and again until it is so; what arrives is taken away. */
  private static void sending(
      VhostUserGuest from, int sender, VhostUserGuest to, int receiver, BooleanSupplier until) {
    long deadline = System.nanoTime() + PATIENCE;
    while (!until.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, "waited in vain");
      boolean _ = from.sendFrame(plain(sender, receiver));
      byte[] _ = to.receiveBytes(1_000_000);
    }
  }

  private static void arrives(VhostUserGuest from, int sender, VhostUserGuest to, int receiver) {
    while (to.receiveBytes(0) != null) {
      // Of before.
    }
    long deadline = System.nanoTime() + PATIENCE;
    do {
      assertTrue(System.nanoTime() < deadline, "nothing arrives");
      boolean _ = from.sendFrame(plain(sender, receiver));
    } while (to.receiveBytes(1_000_000) == null);
  }

  private static String failure(TestHost host) {
    return host.engine.uplinks().stream()
        .filter(uplink -> uplink.name().equals("bad"))
        .findFirst()
        .orElseThrow()
        .failure();
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("sharedPorts")
  void aSharedPortFailsAlone(String call, Supplier<Object> instead, String line) throws Exception {
    Saboteur saboteur = new Saboteur(call, instead);
    Wire bad = new Wire();
    bad.holds = true;
    try (TwoHosts hosts = new TwoHosts(EngineSettings.defaults(), new Shared())) {
      VhostUserGuest one = start(hosts.a, 1);
      VhostUserGuest local = start(hosts.a, 3);
      VhostUserGuest two = start(hosts.b, 2);
      VhostUserGuest four = start(hosts.b, 4);
      if (call.equals("bind")) {
        saboteur.begin();
      }
      hosts.a.engine.openUplink("bad", saboteur.around(bad.end("a")), Map.of());
      hosts.b.engine.openUplink("bad", bad.end("b"), Map.of());
      hosts.a.engine.addRemote(TwoHosts.remote(2, new PeerSpec("bad", "b")));
      hosts.b.engine.addRemote(
          TwoHosts.remote(1, new PeerSpec("bad", "a"), new PeerSpec("up", "a")));
      TwoHosts.know(hosts.a, 4, "b");
      if (!call.equals("bind")) {
        arrives(one, 1, two, 2);
        saboteur.begin();
      }
      boolean[] turn = {false};
      while (failure(hosts.a).isEmpty()) {
        sending(one, 1, two, 2, () -> turn[0] = !turn[0]);
        sending(two, 2, one, 1, () -> turn[0] = !turn[0]);
        if (call.equals("arm")) {
          TestHost.await(() -> !failure(hosts.a).isEmpty());
        }
      }
      assertEquals("worker 0: " + line, start(failure(hosts.a), line));
      arrives(one, 1, local, 3);
      arrives(one, 1, four, 4);
      long dropped = hosts.a.drops(1).getOrDefault("uplink-failed", 0L);
      sending(one, 1, two, 2, () -> hosts.a.drops(1).getOrDefault("uplink-failed", 0L) > dropped);

      hosts.a.engine.removeRemote("r2");
      hosts.a.engine.closeUplink("bad");
      hosts.a.engine.openUplink("bad", bad.end("a"), Map.of());
      hosts.a.engine.addRemote(TwoHosts.remote(2, new PeerSpec("bad", "b")));
      arrives(one, 1, two, 2);
      assertEquals("", failure(hosts.a));
      assertTrue(hosts.a.problems.removeIf(problem -> problem.startsWith("uplink 'bad', worker")));
    }
  }

  /** As much of a text as the expected one has. */
  private static String start(String text, String expected) {
    int length = Math.min(text.length(), "worker 0: ".length() + expected.length());
    return text.substring(0, length);
  }

  static Stream<Arguments> guestsPorts() {
    Supplier<Object> exception = throwing(new IllegalStateException("a bug"));
    return Stream.of(
        Arguments.of("bind", exception, "bind() threw java.lang.IllegalStateException: a bug"),
        Arguments.of("transmit", exception, "transmit() threw java.lang.IllegalStateException"),
        Arguments.of("flush", exception, "flush() threw java.lang.IllegalStateException: a bug"),
        Arguments.of("receive", exception, "receive() threw java.lang.IllegalStateException"),
        Arguments.of("receive", answer(2), "receive() gave 2, not the frames it recorded, 0"),
        Arguments.of("receiveOffloads", exception, "receiveOffloads() threw java.lang.Illegal"),
        Arguments.of("failure", exception, "failure() threw java.lang.IllegalStateException"));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("guestsPorts")
  void aGuestsOwnPortFailsAlone(String call, Supplier<Object> instead, String line)
      throws Exception {
    Saboteur saboteur = new Saboteur(call, instead);
    saboteur.begin();
    try (TestHost host = new TestHost()) {
      host.engine.openUplink("bad", saboteur.around(new Hole()), Map.of());
      VhostUserGuest one = host.start(onUplink(host.spec(1)), GuestOptions.DEFAULT);
      VhostUserGuest two = host.start(2);
      sending(one, 1, two, 9, () -> host.status("g1").note().contains(line));
      arrives(one, 1, two, 2);
      arrives(two, 2, one, 1);
      host.engine.detach("g1");
      host.engine.closeUplink("bad");
      assertEquals(List.of(), host.engine.uplinks());
    }
  }

  @Test
  void aFailureThatOnlyAWorkersPortTellsOfIsShown() throws Exception {
    Saboteur saboteur = new Saboteur("failure", () -> "the cable is cut");
    try (TwoHosts hosts = new TwoHosts()) {
      hosts.a.engine.openUplink("bad", saboteur.around(new Wire().end("a")), Map.of());
      assertEquals("", failure(hosts.a));
      saboteur.begin();
      assertEquals("worker 0: the cable is cut", failure(hosts.a));
    }
  }

  @Test
  void guestsGoOnIfAPortCantTellItsState() throws Exception {
    try (TestHost host = new TestHost()) {
      host.engine.openUplink("bad", new Moored(), Map.of());
      VhostUserGuest one = host.start(onUplink(host.spec(1)), GuestOptions.DEFAULT);
      VhostUserGuest two = host.start(2);
      EngineException refused = assertThrows(EngineException.class, host.engine::handOver);
      assertEquals("guest 'g1', uplink 'bad': it is moored", refused.getMessage());
      arrives(one, 1, two, 2);
      arrives(two, 2, one, 1);
    }
  }

  private static GuestSpec onUplink(GuestSpec spec) {
    return new GuestSpec(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac(),
        spec.addresses(),
        spec.socket(),
        spec.mtu(),
        Optional.of("bad"),
        true);
  }

  /** One whose ports should be able to pass to another process. */
  private static final class Moored extends Hole implements PortHandOver {
    @Override
    public PortState state() throws TransportException {
      throw new TransportException("it is moored");
    }

    @Override
    public void own() {}
  }

  /** A transport that takes all and brings nothing. */
  private static class Hole implements TransportProvider, Transport, GuestPort {
    @Override
    public String name() {
      return "hole";
    }

    @Override
    public Availability probe() {
      return Availability.yes();
    }

    @Override
    public List<Setting> settings() {
      return List.of();
    }

    @Override
    public Transport open(TransportContext context) {
      return this;
    }

    @Override
    public Capabilities capabilities() {
      return Capabilities.perGuest(1500, 64);
    }

    @Override
    public GuestPort openPort(PortSpec spec) {
      return this;
    }

    @Override
    public void bind(WorkerContext context) {}

    @Override
    public void unbind() {}

    @Override
    public int transmit(FrameBurst frames, int from, int count) {
      return count;
    }

    @Override
    public int receive(ReceiveSpace space, int limit) {
      return 0;
    }

    @Override
    public String failure() {
      return null;
    }

    @Override
    public void close() {}
  }
}
