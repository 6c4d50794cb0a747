package dev.outboard.engine;

import java.util.List;
import java.util.Map;

/**
 * A guest as it is now.
 *
 * @param spec what was declared
 * @param state how far it has come
 * @param workers those that serve it: the first has its ports, and its queue pairs are dealt out to
 *     all in turn
 * @param features names of the virtio features its driver has agreed to
 * @param counters what it has sent and received
 * @param note the last thing worth telling a user, for example why its session ended; or empty
 */
public record GuestStatus(
    GuestSpec spec,
    State state,
    List<Integer> workers,
    List<String> features,
    Counters counters,
    String note) {
  /** The worker that serves it, the first of several. */
  public int worker() {
    return workers.getFirst();
  }

  /** How far a guest has come. */
  public enum State {
    /** Its VMM has not connected. */
    WAITING,
    /** Its VMM is connected, its driver has not started. */
    CONNECTED,
    /** Its driver has started the device. */
    RUNNING
  }

  /**
   * Frames and bytes from the Ethernet header on, since the guest was attached. A super-frame is
   * one frame to its sender, and so many frames to a receiver as it takes it in. Within a network
   * without uplinks, with nothing under way, the sums over all guests are:
   *
   * <pre>
   *   received = sent - drops - answered - flooded + floodCopies - segmentedFrames + segments
   *              + answers that their askers had room for
   * </pre>
   *
   * @param sentFrames taken from the guest
   * @param receivedFrames given to the guest
   * @param answeredFrames neighbour requests that the sidecar answered in the target's place
   * @param floodedFrames broadcast and multicast frames that were replicated
   * @param floodCopies how many guests and uplinks got a copy of those
   * @param floodLost how many had no room for theirs
   * @param segmentedFrames super-frames that were cut for a guest or uplink which does not take
   *     them whole, once for each such receiver
   * @param segments what those receivers got in their place; also what they got of super-frames
   *     that then had to be dropped, because no room came for the rest
   * @param drops frames taken from the guest and not given to anyone, by reason
   */
  public record Counters(
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
      Map<String, Long> drops) {}
}
