//! What the streams hold is read whole, or an error says where it broke off.

mod faults;
mod gone;
mod kit;
mod large;
mod reading;
