package dev.outboard.engine;

import dev.outboard.guest.Endpoint;
import dev.outboard.isolation.Shared;
import dev.outboard.spi.IsolationPolicy;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.Priority;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Two sidecars, {@code a} and {@code b}, with a {@link Wire} between them; for tests. */
final class TwoHosts implements AutoCloseable {
  final Wire wire = new Wire();
  final TestHost a;
  final TestHost b;

  TwoHosts() throws Exception {
    this(EngineSettings.defaults(), new Shared());
  }

  TwoHosts(EngineSettings settings, IsolationPolicy isolation) throws Exception {
    this(settings, isolation, false);
  }

  /** Two hosts whose ports go on reading what they have accepted, or don't. */
  TwoHosts(EngineSettings settings, IsolationPolicy isolation, boolean holds) throws Exception {
    wire.holds = holds;
    a = new TestHost(settings, isolation);
    b = new TestHost(settings, isolation);
    a.engine.openUplink("up", wire.end("a"), Map.of());
    b.engine.openUplink("up", wire.end("b"), Map.of());
  }

  /** Guest {@code n} of a host, in a network whose frames fit the wire. */
  static GuestSpec guest(TestHost host, int n, String tenant, String guestClass) {
    GuestSpec spec = host.spec(n, tenant);
    return new GuestSpec(
        spec.id(),
        tenant,
        spec.network(),
        spec.mac(),
        spec.addresses(),
        spec.socket(),
        Wire.MTU,
        Optional.empty(),
        true,
        Frontend.GENERIC,
        1,
        RingLayout.PACKED,
        guestClass,
        Priority.STANDARD);
  }

  static GuestSpec guest(TestHost host, int n) {
    return guest(host, n, "acme", GuestSpec.DEFAULT_CLASS);
  }

  /** Guest {@code n} as the other host knows it. */
  static RemoteSpec remote(int n, PeerSpec... peers) {
    return remote(n, "acme", peers);
  }

  static RemoteSpec remote(int n, String tenant, PeerSpec... peers) {
    Endpoint endpoint = TestHost.endpoint(n);
    return new RemoteSpec(
        "r" + n,
        tenant,
        TestHost.NETWORK,
        new MacAddress(endpoint.mac()),
        List.of(endpoint.address()),
        Wire.MTU,
        List.of(peers));
  }

  /** Makes guest {@code n}, which is on the other host, known on this one. */
  static void know(TestHost host, int n, String where) throws EngineException {
    host.engine.addRemote(remote(n, new PeerSpec("up", where)));
  }

  /** The uplink's status on a host. */
  static Engine.UplinkStatus uplink(TestHost host) {
    return host.engine.uplinks().getFirst();
  }

  @Override
  public void close() throws IOException {
    try (b) {
      a.close();
    }
    if (!wire.complaints.isEmpty()) {
      throw new AssertionError(wire.complaints.toString());
    }
  }
}
