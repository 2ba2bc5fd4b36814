//! The list of capabilities. State, linker and the list of what is offered are made from it.

use wasmtime::component::{Linker, ResourceTable};

use super::capability::{CallScope, Capability, Grant, Lend, Offer};
use super::config::Config;
use super::http::Http;
use super::sessions::Sessions;
use super::wasi::Wasi;

macro_rules! capabilities {
    ($($name:ident: $capability:ty,)*) => {
        /// The capabilities of one instance.
        pub(crate) struct Capabilities {
            $($name: $capability,)*
        }

        impl Capabilities {
            /// Every interface that is offered.
            pub(crate) fn offers() -> impl Iterator<Item = Offer> {
                [$(<$capability>::OFFERS,)*].into_iter().flatten().copied()
            }

            /// Defines every interface.
            pub(crate) fn link<T>(linker: &mut Linker<T>) -> wasmtime::Result<()>
            where
                T: $(Lend<$capability> +)*
            {
                $(<$capability>::link(linker)?;)*
                Ok(())
            }

            /// What an instance with this grant gets.
            pub(crate) fn grant(grant: &Grant) -> Self {
                Self { $($name: <$capability>::grant(grant),)* }
            }

            /// A call begins.
            pub(crate) fn begin(&mut self, call: &CallScope) {
                $(self.$name.begin(call);)*
            }

            /// The call has ended well. Returns whether the instance may serve another one.
            pub(crate) fn end(&mut self, table: &mut ResourceTable) -> bool {
                [$(self.$name.end(table),)*].into_iter().all(|clean| clean)
            }

            /// What the guest has printed in this call.
            pub(crate) fn printed(&self) -> Vec<u8> {
                [$(self.$name.printed(),)*].into_iter().flatten().flatten().collect()
            }
        }

        $(impl AsMut<$capability> for Capabilities {
            fn as_mut(&mut self) -> &mut $capability {
                &mut self.$name
            }
        })*
    };
}

capabilities! {
    wasi: Wasi,
    http: Http,
    config: Config,
    sessions: Sessions,
}
