package dev.outboard.transport.dpdk.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * DPDK's libraries, loaded once for the life of the process. They are found as any program finds
 * its libraries, by name and version: {@code librte_eal.so.25}. Any thread.
 */
@SuppressWarnings("restricted")
final class Libraries {
  /** The order in which they need each other; drivers are loaded by EAL. */
  private static final List<String> NAMES = List.of("eal", "mempool", "mbuf", "ring", "ethdev");

  /** What was found: the libraries, or why there are none. */
  record Found(Layout layout, SymbolLookup symbols, String missing) {}

  private static Found found;

  private Libraries() {}

  /** Loads them, if that has not been done. */
  static synchronized Found find() {
    if (found == null || found.layout == null) {
      found = load();
    }
    return found;
  }

  /** The libraries, which are there: {@link #find} has said so. */
  static Found loaded() {
    Found now = find();
    if (now.layout == null) {
      throw new IllegalStateException(now.missing);
    }
    return now;
  }

  private static Found load() {
    for (Layout layout : Layout.ALL) {
      if (open("eal", layout.abi()).isPresent()) {
        return load(layout);
      }
    }
    return new Found(null, null, "DPDK is not installed (there is no librte_eal.so.23 to .26)");
  }

  private static Found load(Layout layout) {
    List<SymbolLookup> all = new ArrayList<>();
    for (String name : NAMES) {
      Optional<SymbolLookup> library = open(name, layout.abi());
      if (library.isEmpty()) {
        return new Found(null, null, "a part of DPDK is missing: " + fileName(name, layout.abi()));
      }
      all.add(library.get());
    }
    SymbolLookup symbols =
        symbol -> all.stream().map(one -> one.find(symbol)).flatMap(Optional::stream).findFirst();
    return new Found(layout, symbols, null);
  }

  /** One more library of the same version, a driver's for example. */
  static Optional<SymbolLookup> open(String name, int abi) {
    try {
      return Optional.of(SymbolLookup.libraryLookup(fileName(name, abi), Arena.global()));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static String fileName(String name, int abi) {
    return "librte_" + name + ".so." + abi;
  }

  /** Where a function or a table is; of DPDK, or else of the C library. */
  static MemorySegment symbol(String name) {
    return loaded()
        .symbols
        .find(name)
        .or(() -> Linker.nativeLinker().defaultLookup().find(name))
        .orElseThrow(() -> new UnsupportedOperationException("this DPDK has no " + name));
  }
}
