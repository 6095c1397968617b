export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[];

export type Database = {
  public: {
    Tables: {
      activation_attempts: {
        Row: {
          failed_count: number;
          user_id: string;
          window_started_at: string;
        };
        ComputedFields: never;
        Insert: {
          failed_count: number;
          user_id: string;
          window_started_at: string;
        };
        Update: {
          failed_count?: number;
          user_id?: string;
          window_started_at?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'activation_attempts_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      activation_codes: {
        Row: {
          card_id: string;
          code_hash: string;
        };
        ComputedFields: never;
        Insert: {
          card_id: string;
          code_hash: string;
        };
        Update: {
          card_id?: string;
          code_hash?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'activation_codes_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
        ];
      };
      goodwill_grants: {
        Row: {
          card_id: string;
          created_at: string;
          key: string;
          operator_id: string;
          reason: string;
        };
        ComputedFields: never;
        Insert: {
          card_id: string;
          created_at?: string;
          key: string;
          operator_id: string;
          reason: string;
        };
        Update: {
          card_id?: string;
          created_at?: string;
          key?: string;
          operator_id?: string;
          reason?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'goodwill_grants_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: true;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'goodwill_grants_operator_id_fkey';
            columns: ['operator_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      payment_history: {
        Row: {
          amount_cents: number;
          bonus_seconds: number;
          clawed_back_seconds: number;
          created_at: string;
          currency: string;
          failure_code: string | null;
          id: string;
          idempotency_key: string;
          package_id: string;
          paid_seconds: number;
          payment_intent_id: string | null;
          purpose: string;
          refunded_cents: number;
          status: string;
          updated_at: string;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          amount_cents: number;
          bonus_seconds: number;
          clawed_back_seconds?: number;
          created_at?: string;
          currency: string;
          failure_code?: string | null;
          id?: string;
          idempotency_key: string;
          package_id: string;
          paid_seconds: number;
          payment_intent_id?: string | null;
          purpose: string;
          refunded_cents?: number;
          status?: string;
          updated_at?: string;
          user_id: string;
        };
        Update: {
          amount_cents?: number;
          bonus_seconds?: number;
          clawed_back_seconds?: number;
          created_at?: string;
          currency?: string;
          failure_code?: string | null;
          id?: string;
          idempotency_key?: string;
          package_id?: string;
          paid_seconds?: number;
          payment_intent_id?: string | null;
          purpose?: string;
          refunded_cents?: number;
          status?: string;
          updated_at?: string;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'payment_history_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'payment_history_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      pricing_tiers: {
        Row: {
          active: boolean;
          bonus_minutes: number;
          currency: string;
          description: string;
          hours: number;
          id: string;
          name: string;
          price_cents: number;
          sort_order: number;
          total_minutes: number;
        };
        ComputedFields: never;
        Insert: {
          active?: boolean;
          bonus_minutes?: number;
          currency?: string;
          description?: string;
          hours: number;
          id: string;
          name: string;
          price_cents: number;
          sort_order?: number;
          total_minutes?: never;
        };
        Update: {
          active?: boolean;
          bonus_minutes?: number;
          currency?: string;
          description?: string;
          hours?: number;
          id?: string;
          name?: string;
          price_cents?: number;
          sort_order?: number;
          total_minutes?: never;
        };
        Relationships: [];
      };
      stripe_events: {
        Row: {
          id: string;
          outcome: string;
          payment_intent_id: string | null;
          received_at: string;
          type: string;
        };
        ComputedFields: never;
        Insert: {
          id: string;
          outcome: string;
          payment_intent_id?: string | null;
          received_at?: string;
          type: string;
        };
        Update: {
          id?: string;
          outcome?: string;
          payment_intent_id?: string | null;
          received_at?: string;
          type?: string;
        };
        Relationships: [];
      };
      time_accounts: {
        Row: {
          balance_seconds: number;
          debt_seconds: number;
          held_seconds: number;
          last_receipt_hash: string | null;
          live_calls: number;
          receipts: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          balance_seconds?: number;
          debt_seconds?: number;
          held_seconds?: number;
          last_receipt_hash?: string | null;
          live_calls?: number;
          receipts?: number;
          user_id: string;
        };
        Update: {
          balance_seconds?: number;
          debt_seconds?: number;
          held_seconds?: number;
          last_receipt_hash?: string | null;
          live_calls?: number;
          receipts?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'time_accounts_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: true;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      time_cards: {
        Row: {
          activated_at: string | null;
          bonus_seconds: number;
          created_at: string;
          expires_at: string | null;
          id: string;
          package_id: string | null;
          paid_seconds: number;
          payment_intent_id: string | null;
          purchaser_id: string | null;
          remaining_seconds: number;
          source: string;
          status: string;
          user_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          activated_at?: string | null;
          bonus_seconds?: number;
          created_at?: string;
          expires_at?: string | null;
          id: string;
          package_id?: string | null;
          paid_seconds: number;
          payment_intent_id?: string | null;
          purchaser_id?: string | null;
          remaining_seconds: number;
          source: string;
          status: string;
          user_id?: string | null;
        };
        Update: {
          activated_at?: string | null;
          bonus_seconds?: number;
          created_at?: string;
          expires_at?: string | null;
          id?: string;
          package_id?: string | null;
          paid_seconds?: number;
          payment_intent_id?: string | null;
          purchaser_id?: string | null;
          remaining_seconds?: number;
          source?: string;
          status?: string;
          user_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'time_cards_package_id_fkey';
            columns: ['package_id'];
            isOneToOne: false;
            referencedRelation: 'pricing_tiers';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'time_cards_purchaser_id_fkey';
            columns: ['purchaser_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'time_cards_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      time_ledger: {
        Row: {
          call_id: string | null;
          card_id: string | null;
          created_at: string;
          id: number;
          key: string;
          reason: string;
          seconds: number;
          user_id: string;
        };
        ComputedFields: never;
        Insert: {
          call_id?: string | null;
          card_id?: string | null;
          created_at?: string;
          id?: never;
          key: string;
          reason: string;
          seconds: number;
          user_id: string;
        };
        Update: {
          call_id?: string | null;
          card_id?: string | null;
          created_at?: string;
          id?: never;
          key?: string;
          reason?: string;
          seconds?: number;
          user_id?: string;
        };
        Relationships: [
          {
            foreignKeyName: 'time_ledger_call_id_fkey';
            columns: ['call_id'];
            isOneToOne: false;
            referencedRelation: 'voice_sessions';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'time_ledger_card_id_fkey';
            columns: ['card_id'];
            isOneToOne: false;
            referencedRelation: 'time_cards';
            referencedColumns: ['id'];
          },
          {
            foreignKeyName: 'time_ledger_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
      users: {
        Row: {
          created_at: string;
          display_name: string;
          email: string | null;
          id: string;
          role: string;
          stripe_customer_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          created_at?: string;
          display_name?: string;
          email?: string | null;
          id: string;
          role?: string;
          stripe_customer_id?: string | null;
        };
        Update: {
          created_at?: string;
          display_name?: string;
          email?: string | null;
          id?: string;
          role?: string;
          stripe_customer_id?: string | null;
        };
        Relationships: [];
      };
      voice_sessions: {
        Row: {
          charged_seconds: number | null;
          end_reason: string | null;
          ended_at: string | null;
          epoch: number;
          granted_seconds: number;
          id: string;
          lease_expires_at: string;
          lease_margin_seconds: number;
          opened_at: string;
          receipt: Json | null;
          renewals: number;
          restored_ms: number;
          room_name: string;
          settled_by: string | null;
          slice_seconds: number;
          status: string;
          used_ms: number;
          user_id: string;
          worker_id: string | null;
        };
        ComputedFields: never;
        Insert: {
          charged_seconds?: number | null;
          end_reason?: string | null;
          ended_at?: string | null;
          epoch?: number;
          granted_seconds: number;
          id: string;
          lease_expires_at: string;
          lease_margin_seconds: number;
          opened_at?: string;
          receipt?: Json | null;
          renewals?: number;
          restored_ms?: number;
          room_name: string;
          settled_by?: string | null;
          slice_seconds: number;
          status?: string;
          used_ms?: number;
          user_id: string;
          worker_id?: string | null;
        };
        Update: {
          charged_seconds?: number | null;
          end_reason?: string | null;
          ended_at?: string | null;
          epoch?: number;
          granted_seconds?: number;
          id?: string;
          lease_expires_at?: string;
          lease_margin_seconds?: number;
          opened_at?: string;
          receipt?: Json | null;
          renewals?: number;
          restored_ms?: number;
          room_name?: string;
          settled_by?: string | null;
          slice_seconds?: number;
          status?: string;
          used_ms?: number;
          user_id?: string;
          worker_id?: string | null;
        };
        Relationships: [
          {
            foreignKeyName: 'voice_sessions_user_id_fkey';
            columns: ['user_id'];
            isOneToOne: false;
            referencedRelation: 'users';
            referencedColumns: ['id'];
          },
        ];
      };
    };
    Views: {
      [_ in never]: never;
    };
    Functions: {
      activate_time_card: { Args: { p_code_hash: string; p_user_id: string }; Returns: Json };
      apply_paid_intent: {
        Args: {
          p_amount_received_cents: number;
          p_code_hash: string;
          p_currency: string;
          p_event_id: string;
          p_event_type: string;
          p_payment_intent_id: string;
          p_purchase_id: string;
        };
        Returns: Json;
      };
      apply_refund: {
        Args: {
          p_event_id: string;
          p_event_type: string;
          p_payment_intent_id: string;
          p_refunded_cents: number;
        };
        Returns: Json;
      };
      apply_unpaid_intent: {
        Args: {
          p_event_id: string;
          p_event_type: string;
          p_failure_code: string;
          p_payment_intent_id: string;
          p_purchase_id: string;
          p_status: string;
        };
        Returns: Json;
      };
      attach_payment_intent: {
        Args: { p_payment_intent_id: string; p_purchase_id: string };
        Returns: boolean;
      };
      audit_invariants: {
        Args: Record<PropertyKey, never>;
        Returns: {
          detail: string;
          invariant: string;
          subject: string;
        }[];
      };
      begin_purchase: {
        Args: { p_key: string; p_package_id: string; p_purpose: string; p_user_id: string };
        Returns: Json;
      };
      claim_timer: { Args: { p_every_seconds: number; p_name: string }; Returns: boolean };
      cleanup_expired_time_cards: { Args: Record<PropertyKey, never>; Returns: number };
      database_settings: { Args: Record<PropertyKey, never>; Returns: Json };
      deduct_user_time: { Args: { key?: string; minutes: number; user_id: string }; Returns: Json };
      get_user_analytics: { Args: { p_user_id: string }; Returns: Json };
      get_user_time_balance: { Args: { user_id: string }; Returns: number };
      grant_goodwill: {
        Args: {
          p_key: string;
          p_operator_id: string;
          p_reason: string;
          p_seconds: number;
          p_user_id: string;
        };
        Returns: Json;
      };
      open_call: {
        Args: {
          p_call_id: string;
          p_lease_margin_seconds?: number;
          p_max_live_calls?: number;
          p_room_name: string;
          p_slice_seconds?: number;
          p_user_id: string;
          p_worker_id?: string;
        };
        Returns: Json;
      };
      reap_calls: { Args: { p_limit?: number }; Returns: Json };
      renew_call: {
        Args: { p_call_id: string; p_epoch: number; p_restored_ms?: number; p_used_ms: number };
        Returns: Json;
      };
      renew_calls: {
        Args: { p_call_ids: string[]; p_epochs: number[]; p_restored_ms: number[]; p_used_ms: number[] };
        Returns: {
          call_id: string;
          epoch: number;
          final: boolean;
          free_seconds: number;
          granted_seconds: number;
          live_calls: number;
          status: string;
        }[];
      };
      room_finished: { Args: { p_room_name: string }; Returns: boolean };
      settle_call: {
        Args: {
          p_call_id: string;
          p_end_reason: string;
          p_epoch: number;
          p_restored_ms?: number;
          p_used_ms: number;
          p_windows?: Json;
        };
        Returns: Json;
      };
      verify_receipts: { Args: { p_user_id: string }; Returns: Json };
    };
    Enums: {
      [_ in never]: never;
    };
    CompositeTypes: {
      [_ in never]: never;
    };
  };
};

type DatabaseWithoutInternals = Omit<Database, '__InternalSupabase'>;

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, 'public'>];

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Views'])[TableName] extends {
      Row: infer R;
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema['Tables'] & DefaultSchema['Views'])
    ? (DefaultSchema['Tables'] & DefaultSchema['Views'])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R;
      }
      ? R
      : never
    : never;

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Insert: infer I;
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I;
      }
      ? I
      : never
    : never;

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema['Tables']
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables']
    : never = never,
> = DefaultSchemaTableNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions['schema']]['Tables'][TableName] extends {
      Update: infer U;
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema['Tables']
    ? DefaultSchema['Tables'][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U;
      }
      ? U
      : never
    : never;

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema['Enums']
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums']
    : never = never,
> = DefaultSchemaEnumNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions['schema']]['Enums'][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema['Enums']
    ? DefaultSchema['Enums'][DefaultSchemaEnumNameOrOptions]
    : never;

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema['CompositeTypes']
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals;
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes']
    : never = never,
> = PublicCompositeTypeNameOrOptions extends { schema: keyof DatabaseWithoutInternals }
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions['schema']]['CompositeTypes'][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema['CompositeTypes']
    ? DefaultSchema['CompositeTypes'][PublicCompositeTypeNameOrOptions]
    : never;

export const Constants = {
  public: {
    Enums: {},
  },
} as const;
