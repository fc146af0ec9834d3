//! Shared by the tests: a reproducible source, key pairs and whole ceremonies.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test binary uses its own part of it"
)]

use conclave_sealing::Random;
use conclave_sealing::ceremony::{
    Deal, HolderShare, Quorum, ReceiveFault, Receiver, RoundKey, deal, outcome, receive_shares,
};
use conclave_sealing::curve::{Curve, P256, Point, SecretScalar};
use conclave_sealing::provider::{KeyError, SharedPoint};
use sha2::{Digest, Sha256};

/// A reproducible source: block i is SHA-256("conclave/test-random/v1\0" ‖ seed ‖ i as u64), the
/// blocks one after another; a request takes the next bytes.
pub struct CounterRandom {
    seed: Vec<u8>,
    counter: u64,
    left: Vec<u8>,
}

impl CounterRandom {
    pub fn new(seed: &str) -> Self {
        CounterRandom {
            seed: seed.as_bytes().to_vec(),
            counter: 0,
            left: Vec::new(),
        }
    }
}

impl Random for CounterRandom {
    fn fill(&mut self, out: &mut [u8]) {
        while self.left.len() < out.len() {
            let block = Sha256::new()
                .chain_update(b"conclave/test-random/v1\0")
                .chain_update(&self.seed)
                .chain_update(self.counter.to_be_bytes())
                .finalize();
            self.left.extend_from_slice(&block);
            self.counter += 1;
        }
        let rest = self.left.split_off(out.len());
        out.copy_from_slice(&self.left);
        self.left = rest;
    }
}

pub fn agree_with(
    secret: &SecretScalar<P256>,
) -> impl FnMut(&[u8; 65]) -> Result<SharedPoint, KeyError> + '_ {
    |enc| {
        let point = Point::from_bytes(enc).map_err(|_| KeyError::Point)?;
        Ok(secret.agree(&point))
    }
}

pub struct Ceremony<C: Curve> {
    pub context: Vec<u8>,
    pub quorum: Quorum,
    pub keys: Vec<SecretScalar<P256>>,
    pub deals: Vec<Deal<C>>,
}

impl<C: Curve> Ceremony<C> {
    pub fn new(n: u8, t: u8, seed: &str) -> Self {
        let mut random = CounterRandom::new(seed);
        let quorum = Quorum::new(n, t).expect("quorum");
        let context = b"digest of the round's definition".to_vec();
        let keys: Vec<SecretScalar<P256>> = (0..n).map(|_| SecretScalar::random(&mut random)).collect();
        let public: Vec<[u8; 65]> = keys.iter().map(|k| k.public().to_bytes()).collect();
        let deals = (1..=n)
            .map(|dealer| deal(&context, dealer, quorum, &public, &mut random).expect("deal"))
            .collect();
        Ceremony {
            context,
            quorum,
            keys,
            deals,
        }
    }

    pub fn public(&self) -> Vec<[u8; 65]> {
        self.keys.iter().map(|k| k.public().to_bytes()).collect()
    }

    pub fn receive(&self, holder: u8) -> Result<HolderShare<C>, ReceiveFault> {
        let key = &self.keys[usize::from(holder) - 1];
        let public = key.public().to_bytes();
        let me = Receiver {
            holder,
            public: &public,
        };
        let mut agree = agree_with(key);
        receive_shares(&self.context, self.quorum, me, &self.deals, &mut agree)
    }

    pub fn shares(&self) -> Vec<HolderShare<C>> {
        (1..=self.quorum.n())
            .map(|holder| self.receive(holder).expect("share"))
            .collect()
    }

    pub fn round_key(&self) -> RoundKey<C> {
        outcome(&self.context, &self.deals, self.quorum).expect("outcome")
    }
}

/// Runs a generic test function on both curves.
#[macro_export]
macro_rules! on_both_curves {
    ($($name:ident),* $(,)?) => {
        mod on_p256 {
            $(#[test]
            fn $name() {
                super::$name::<conclave_sealing::curve::P256>();
            })*
        }
        mod on_sm2 {
            $(#[test]
            fn $name() {
                super::$name::<conclave_sealing::curve::Sm2>();
            })*
        }
    };
}
