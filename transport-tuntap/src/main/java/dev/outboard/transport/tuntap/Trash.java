package dev.outboard.transport.tuntap;

import dev.outboard.linux.Link;
import dev.outboard.linux.Links;
import dev.outboard.linux.LinuxException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Deletes devices of ours, many in one go: the kernel waits some 16 ms for each TAP and 40 ms for
 * each bridge that is deleted alone. Used by one thread at a time.
 */
final class Trash {
  private Trash() {}

  /** Deletes the devices of these names; those that are gone already are passed over. */
  static void delete(List<String> names) throws LinuxException {
    int group = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    Set<String> marked = new HashSet<>();
    for (String name : names) {
      if (mark(name, group)) {
        marked.add(name);
      }
    }
    if (marked.isEmpty()) {
      return;
    }
    if (!isOurs(group, marked)) {
      // Somebody else uses the number we drew. Try another one.
      delete(List.copyOf(marked));
      return;
    }
    Links.deleteGroup(group);
  }

  private static boolean mark(String name, int group) throws LinuxException {
    try {
      Links.setGroup(name, group);
      return true;
    } catch (LinuxException e) {
      if (Links.index(name) != 0) {
        throw e;
      }
      return false;
    }
  }

  private static boolean isOurs(int group, Set<String> marked) throws LinuxException {
    for (Link link : Links.all()) {
      if (link.group() == group && !marked.contains(link.name())) {
        return false;
      }
    }
    return true;
  }
}
