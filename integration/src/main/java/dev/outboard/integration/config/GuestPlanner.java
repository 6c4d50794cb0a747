package dev.outboard.integration.config;

import static dev.outboard.integration.config.Checks.at;

import com.google.common.hash.Hashing;
import dev.outboard.engine.Frontend;
import dev.outboard.engine.GuestSocket;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.RingLayout;
import dev.outboard.integration.wire.GuestRequest;
import dev.outboard.integration.wire.Names;
import dev.outboard.spi.MacAddress;
import dev.outboard.spi.Priority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes a complete guest of what a user said of it: fills in what was left out, refuses what makes
 * no sense. The one set of rules for the configuration file and the API. Any thread.
 */
public final class GuestPlanner {
  private static final int MAX_NETWORK = (1 << 24) - 1;
  private static final int MAX_QUEUES = 16;
  private static final int DEFAULT_MTU = 1500;
  private static final int DEFAULT_MODE = 0600;
  private static final long LOCAL_UNICAST = 0x02_00_00_00_00_00L;
  private static final long LOWER_BYTES = 0xff_ff_ff_ff_ffL;

  private final Path directory;
  private final Map<Integer, Integer> mtus;
  private final UplinkNames uplinks;

  /**
   * Knows what guests can refer to.
   *
   * @param directory for sockets whose path is not given
   * @param mtus by network
   */
  GuestPlanner(Path directory, Map<Integer, Integer> mtus, UplinkNames uplinks) {
    this.directory = directory;
    this.mtus = Map.copyOf(mtus);
    this.uplinks = uplinks;
  }

  /** Where sockets are whose path is not given. */
  public Path directory() {
    return directory;
  }

  /** The guest that the API was asked for. */
  public GuestSpec plan(GuestRequest request) throws InvalidValueException {
    return plan(List.of(), request);
  }

  GuestSpec plan(List<Object> base, GuestRequest request) throws InvalidValueException {
    if (request.id() == null) {
      throw new InvalidValueException(base, "a guest needs an id");
    }
    String id = Checks.name(at(base, "id"), request.id());
    String tenant =
        request.tenant() == null ? "default" : Checks.name(at(base, "tenant"), request.tenant());
    int network = Checks.range(at(base, "network"), request.network(), 1, 1, MAX_NETWORK);
    Frontend frontend = frontend(at(base, "frontend"), request.frontend());
    boolean local = request.localForwarding() == null || request.localForwarding();
    return new GuestSpec(
        id,
        tenant,
        network,
        request.mac() == null ? derivedMac(id) : Checks.mac(at(base, "mac"), request.mac()),
        Checks.addresses(at(base, "addresses"), request.addresses()),
        socket(base, request, id),
        mtus.getOrDefault(network, DEFAULT_MTU),
        uplink(at(base, "uplink"), request.uplink()),
        local,
        frontend,
        Checks.range(at(base, "queues"), request.queues(), 1, 1, MAX_QUEUES),
        ring(at(base, "ring"), request.ring(), frontend),
        request.guestClass() == null
            ? GuestSpec.DEFAULT_CLASS
            : Checks.name(at(base, "class"), request.guestClass()),
        priority(at(base, "priority"), request.priority()));
  }

  /** The same id has the same address everywhere; the first byte says "locally administered". */
  static MacAddress derivedMac(String id) {
    long hash = Hashing.sha256().hashString(id, StandardCharsets.UTF_8).asLong();
    return new MacAddress(LOCAL_UNICAST | (hash & LOWER_BYTES));
  }

  private GuestSocket socket(List<Object> base, GuestRequest request, String id)
      throws InvalidValueException {
    GuestSocket.Role role = role(at(base, "role"), request.role());
    if (role == GuestSocket.Role.CLIENT && request.mode() != null) {
      throw new InvalidValueException(
          at(base, "mode"), "mode is for role server; with role client the VMM makes the socket");
    }
    List<Object> path = at(base, "socket");
    Path socket =
        request.socket() == null
            ? Checks.socket(path, directory.resolve(id + ".sock"))
            : Checks.socket(path, request.socket());
    int mode = Checks.mode(at(base, "mode"), request.mode(), DEFAULT_MODE);
    return new GuestSocket(socket, role, mode);
  }

  private static GuestSocket.Role role(List<Object> path, String text)
      throws InvalidValueException {
    GuestSocket.Role role =
        switch (text) {
          case null -> GuestSocket.Role.SERVER;
          case "server" -> GuestSocket.Role.SERVER;
          case "client" -> GuestSocket.Role.CLIENT;
          default -> null;
        };
    return Checks.known(path, "role", text, List.of("server", "client"), role);
  }

  private static Frontend frontend(List<Object> path, String text) throws InvalidValueException {
    return text == null ? Frontend.GENERIC : known(path, "frontend", text, Frontend.values());
  }

  private static Priority priority(List<Object> path, String text) throws InvalidValueException {
    return text == null ? Priority.STANDARD : known(path, "priority", text, Priority.values());
  }

  private static <E extends Enum<E>> E known(
      List<Object> path, String what, String text, E[] values) throws InvalidValueException {
    Map<String, E> known = new LinkedHashMap<>();
    for (E each : values) {
      known.put(Names.lower(each), each);
    }
    return Checks.known(path, what, text, known.keySet(), known.get(text));
  }

  private static RingLayout ring(List<Object> path, String text, Frontend frontend)
      throws InvalidValueException {
    if (text == null) {
      return RingLayout.AUTO;
    }
    RingLayout ring = known(path, "ring", text, RingLayout.values());
    if (ring == RingLayout.PACKED && frontend == Frontend.UML) {
      throw new InvalidValueException(
          path, "ring packed: the driver of frontend uml breaks with it; leave ring out");
    }
    return ring;
  }

  private Optional<String> uplink(List<Object> path, String name) throws InvalidValueException {
    if (name == null) {
      return Optional.empty();
    }
    return Optional.of(uplinks.known(path, name));
  }
}
