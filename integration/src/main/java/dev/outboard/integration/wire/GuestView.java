package dev.outboard.integration.wire;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.outboard.engine.GuestSpec;
import dev.outboard.engine.GuestStatus;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A guest as the API shows it.
 *
 * @param uplink null if it has none
 * @param worker the first of {@code workers}
 * @param workers those that serve it, its queue pairs in turn
 * @param warnings what the user should know after attaching; empty later
 */
public record GuestView(
    String id,
    String tenant,
    int network,
    String mac,
    List<String> addresses,
    int mtu,
    String socket,
    String role,
    String mode,
    String uplink,
    boolean localForwarding,
    String frontend,
    int queues,
    String ring,
    @JsonProperty("class") String guestClass,
    String priority,
    String state,
    int worker,
    List<Integer> workers,
    List<String> features,
    String note,
    CountersView counters,
    List<String> warnings) {

  /** What the engine says of a guest. */
  public static GuestView of(GuestStatus status, List<String> warnings) {
    GuestSpec spec = status.spec();
    return new GuestView(
        spec.id(),
        spec.tenant(),
        spec.network(),
        spec.mac().toString(),
        spec.addresses().stream().map(InetAddress::getHostAddress).toList(),
        spec.mtu(),
        spec.socket().path().toString(),
        Names.lower(spec.socket().role()),
        Names.octal(spec.socket().mode()),
        spec.uplink().orElse(null),
        spec.localForwarding(),
        Names.lower(spec.frontend()),
        spec.queuePairs(),
        Names.lower(spec.ring()),
        spec.guestClass(),
        Names.lower(spec.priority()),
        Names.lower(status.state()),
        status.worker(),
        status.workers(),
        status.features(),
        Optional.ofNullable(status.note()).orElse(""),
        CountersView.of(status.counters()),
        warnings);
  }

  /** Frames and bytes of a guest since it was attached. */
  public record CountersView(
      long sentFrames,
      long sentBytes,
      long receivedFrames,
      long receivedBytes,
      long answeredFrames,
      long floodedFrames,
      long floodCopies,
      long floodLost,
      long segmentedFrames,
      long segments,
      Map<String, Long> drops) {

    static CountersView of(GuestStatus.Counters counters) {
      return new CountersView(
          counters.sentFrames(),
          counters.sentBytes(),
          counters.receivedFrames(),
          counters.receivedBytes(),
          counters.answeredFrames(),
          counters.floodedFrames(),
          counters.floodCopies(),
          counters.floodLost(),
          counters.segmentedFrames(),
          counters.segments(),
          counters.drops());
    }
  }
}
