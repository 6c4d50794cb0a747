package dev.outboard.engine;

import java.util.List;

/** What a swap is about, as a user says it. */
public sealed interface SwapScope {
  /** These guests. */
  record Guests(List<String> ids) implements SwapScope {
    /** Takes a private copy. */
    public Guests {
      ids = List.copyOf(ids);
    }
  }

  /** The rule with this id: the guests that it is for. */
  record Rule(String id) implements SwapScope {}

  /** Everything that leads to this uplink: guests, rules, remotes, defaults of networks. */
  record OfUplink(String name) implements SwapScope {}

  /** All guests. */
  record All() implements SwapScope {}
}
