//! One test body, two tests.

/// Turns each test function into a module of its name with two tests, `sqlite` and `postgres`.
///
/// The function takes the [`Backend`](crate::Backend) it runs on; `async` ones run on Actix's runtime (the calling crate
/// needs `actix-web`). Attributes, such as `#[should_panic]`, go to both tests.
///
/// ```
/// testing::on_both! {
///     fn a_new_database_has_an_address_of_its_own(backend: testing::Backend) {
///         let database = testing::TestDatabase::new(backend);
///         assert_ne!(database.url, testing::TestDatabase::new(backend).url);
///     }
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! on_both {
    () => {};
    ($(#[$attribute:meta])* async fn $name:ident($backend:ident: $type:ty) $(-> $result:ty)? $body:block $($rest:tt)*) => {
        #[cfg(test)]
        async fn $name($backend: $type) $(-> $result)? $body

        #[cfg(test)]
        mod $name {
            $(#[$attribute])*
            #[actix_web::test]
            async fn sqlite() $(-> $result)? {
                super::$name($crate::Backend::Sqlite).await
            }

            $(#[$attribute])*
            #[actix_web::test]
            async fn postgres() $(-> $result)? {
                super::$name($crate::Backend::Postgres).await
            }
        }

        $crate::on_both! { $($rest)* }
    };
    ($(#[$attribute:meta])* fn $name:ident($backend:ident: $type:ty) $(-> $result:ty)? $body:block $($rest:tt)*) => {
        #[cfg(test)]
        fn $name($backend: $type) $(-> $result)? $body

        #[cfg(test)]
        mod $name {
            $(#[$attribute])*
            #[test]
            fn sqlite() $(-> $result)? {
                super::$name($crate::Backend::Sqlite)
            }

            $(#[$attribute])*
            #[test]
            fn postgres() $(-> $result)? {
                super::$name($crate::Backend::Postgres)
            }
        }

        $crate::on_both! { $($rest)* }
    };
}
