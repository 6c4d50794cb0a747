package dev.outboard.engine.forwarding;

import dev.outboard.packet.Ethernet;
import dev.outboard.packet.Ip;
import java.lang.foreign.MemorySegment;

/**
 * One rule that chooses an uplink for what a guest sends. Immutable; asked by workers.
 *
 * @param destination the addresses it is for, or null: all frames
 * @param uplink the number of the uplink it chooses
 * @param path where to send frames to whose destination nobody knows, or null: nowhere
 */
public record Route(Prefix destination, int uplink, Path path) {

  /**
   * Whether a frame is one that the rule is for.
   *
   * @param at where it starts in private memory
   * @param length how many of its bytes are there
   */
  public boolean fits(MemorySegment memory, long at, int length) {
    if (destination == null) {
      return true;
    }
    return switch ((int) Ethernet.sourceAndType(memory, at) & 0xffff) {
      case Ethernet.IPV4 ->
          destination.isIpv4()
              && length >= Ip.IPV4_END
              && destination.contains4(Ip.destination4(memory, at));
      case Ethernet.IPV6 ->
          !destination.isIpv4()
              && length >= Ip.IPV6_END
              && destination.contains6(
                  Ip.destination6High(memory, at), Ip.destination6Low(memory, at));
      default -> false;
    };
  }
}
