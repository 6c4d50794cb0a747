package dev.outboard.integration.rest;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Wires the API's server. Needs an engine, a plan and what is installed from elsewhere. */
public final class RestModule extends AbstractModule {
  @Override
  protected void configure() {
    binder().requireExplicitBindings();
    bind(ApiSocket.class).in(Scopes.SINGLETON);
    bind(ApiServer.class).in(Scopes.SINGLETON);
    bind(Routes.class).in(Scopes.SINGLETON);
    bind(GuestsResource.class).in(Scopes.SINGLETON);
    bind(RemotesResource.class).in(Scopes.SINGLETON);
    bind(UplinksResource.class).in(Scopes.SINGLETON);
    bind(SwapsResource.class).in(Scopes.SINGLETON);
    bind(ObservationsResource.class).in(Scopes.SINGLETON);
    bind(PluginsResource.class).in(Scopes.SINGLETON);
    bind(HostResource.class).in(Scopes.SINGLETON);
  }
}
