package dev.outboard.integration.runtime;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Wires what outlives a daemon. Needs a plan. */
public final class RuntimeModule extends AbstractModule {
  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    bind(RuntimeDirectory.class).in(Scopes.SINGLETON);
    bind(DeclaredGuests.class).in(Scopes.SINGLETON);
    bind(DeclaredRemotes.class).in(Scopes.SINGLETON);
    bind(DeclaredUplinks.class).in(Scopes.SINGLETON);
    bind(KeptWays.class).in(Scopes.SINGLETON);
    bind(SwappedWays.class).in(Scopes.SINGLETON);
  }
}
