package dev.outboard.integration.config;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/** The uplinks that guests and remotes can name: they come and go while the daemon runs. */
public final class UplinkNames {
  private final Set<String> names = new ConcurrentSkipListSet<>();

  UplinkNames(Collection<String> configured) {
    names.addAll(configured);
  }

  /** One is open from now on. Any thread. */
  public void add(String name) {
    names.add(name);
  }

  /** One is not there any more. Any thread. */
  public void remove(String name) {
    names.remove(name);
  }

  /** Whether there is one of that name. Any thread. */
  public boolean has(String name) {
    return names.contains(name);
  }

  /** Refuses a name that none has. */
  String known(List<Object> path, String name) throws InvalidValueException {
    return Checks.known(path, "uplink", name, names, names.contains(name) ? name : null);
  }

  @Override
  public String toString() {
    return String.join(", ", names);
  }
}
