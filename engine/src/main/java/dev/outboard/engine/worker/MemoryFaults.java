package dev.outboard.engine.worker;

import dev.outboard.engine.memory.GuestMemory;
import dev.outboard.engine.virtqueue.Scratch;
import dev.outboard.engine.virtqueue.Virtqueue;
import dev.outboard.linux.Mapping;
import dev.outboard.spi.FrameBurst;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Finds out whose memory has failed a worker. The worker's thread, after the failure; cold.
 *
 * <p>Theory of operation. The kernel answers a load from memory that is gone with SIGBUS; HotSpot
 * skips the load and throws an InternalError at the next poll, which in compiled code is as late as
 * the end of the burst, but before the next guest's turn. The error names no address. So everything
 * that the last burst touched is asked for again, by system calls that answer where a load would
 * fault. A file that was cut and grew again in between gives no such answer; that its times have
 * changed does, as long as it can be cut at all.
 */
final class MemoryFaults {
  private MemoryFaults() {}

  /** All whose memory a worker may have touched: its own guests, and who they send to. */
  static Set<GuestDevice> suspects(GuestDevice served, GuestSlots slots) {
    Set<GuestDevice> suspects = new LinkedHashSet<>();
    if (served != null) {
      suspects.add(served);
      for (int m = 0; m < served.domain.count(); m++) {
        GuestDevice member = served.domain.member(m);
        if (member != null) {
          suspects.add(member);
        }
      }
    }
    for (int slot = 0; slot < slots.end(); slot++) {
      if (slots.at(slot) != null) {
        suspects.add(slots.at(slot).guest);
      }
    }
    return suspects;
  }

  /** Those whose memory fails, with the reason; if there are none, those who may be to blame. */
  static Map<GuestDevice, String> find(
      Set<GuestDevice> suspects, FrameBurst burst, Scratch scratch) {
    Map<GuestDevice, String> found = new LinkedHashMap<>();
    for (GuestDevice guest : suspects) {
      GuestMemory memory = guest.queues().memory();
      if (memory == null) {
        continue;
      }
      if (!memory.isWhole()) {
        found.put(guest, "its memory file was truncated");
      } else if (!isAccessible(guest.queues(), memory, burst, scratch)) {
        found.put(guest, "its memory can't be accessed: a hole in it can't be filled");
      }
    }
    if (found.isEmpty()) {
      for (GuestDevice guest : suspects) {
        GuestMemory memory = guest.queues().memory();
        if (memory != null && memory.wasTamperedWith()) {
          found.put(guest, "its memory file was truncated for a while");
        }
      }
    }
    return found;
  }

  private static boolean isAccessible(
      DeviceQueues queues, GuestMemory memory, FrameBurst burst, Scratch scratch) {
    for (TransmitSide side : queues.transmits()) {
      if (!isAccessible(side.queue.ring(), scratch)) {
        return false;
      }
    }
    for (int i = 0; i < queues.receiveCount(); i++) {
      if (!isAccessible(queues.receive(i).queue.ring(), scratch)) {
        return false;
      }
    }
    return isAccessible(memory, burst);
  }

  private static boolean isAccessible(Virtqueue ring, Scratch scratch) {
    return ring.isAccessible() && scratch.isAccessible(ring);
  }

  private static boolean isAccessible(GuestMemory memory, FrameBurst burst) {
    for (int f = 0; f < burst.fragmentCount(); f++) {
      if (burst.fragmentLength(f) > 0
          && memory.hasRegion(burst.region(f))
          && !Mapping.isAccessible(burst.address(f), burst.fragmentLength(f))) {
        return false;
      }
    }
    return true;
  }
}
